-- Who decides what the public sees: drafts of releases, reviews, concerns, holds; and what of it is public.

-- decisions ---------------------------------------------------------------------------------------
create table decisions.draft (
    release_day date primary key,
    state text not null check (state in
        ('DRAFT', 'GATED', 'NOTICE', 'HELD', 'PUBLISHED', 'SUPERSEDED', 'RECALLED')),
    author text not null,
    made_at timestamptz not null,
    notice_until timestamptz not null,
    gate text not null check (gate in ('pass', 'review')),
    gate_reasons text[] not null,
    figures jsonb not null,                 -- what the gate looked at: counts, rule versions, digest of the nodes
    check ((gate = 'review') = (cardinality(gate_reasons) > 0))
);
create table decisions.draft_step (
    step_id bigint generated always as identity primary key,
    release_day date not null,
    event text not null,
    before text not null,
    after text not null,
    at timestamptz not null,
    by_name text not null,
    reason text not null
);
create index on decisions.draft_step (release_day);
create trigger draft_step_only_grows before update or delete or truncate on decisions.draft_step
    for each statement execute function decisions.refuse_change();
create table decisions.draft_window (
    release_day date not null references decisions.draft,
    district text not null,
    node text not null,
    measure text not null,
    first_day date not null,
    last_day date not null,
    persons integer not null,
    closes boolean not null,                -- would be published with this draft
    primary key (release_day, node, measure)
);
create index on decisions.draft_window (district, release_day);
comment on table decisions.draft_window is
    'A council''s private look at its own areas: what a draft would publish, and what waits in open windows.';
create table decisions.review (
    release_day date not null references decisions.draft,
    reviewer text not null,
    vote text not null check (vote in ('release', 'return')),
    reason text not null,
    at timestamptz not null,
    primary key (release_day, reviewer)
);
create trigger review_only_grows before update or delete or truncate on decisions.review
    for each statement execute function decisions.refuse_change();

create table decisions.concern (
    concern_id bigint generated always as identity primary key,
    kind text not null check (kind in ('identification', 'stigma or cohesion', 'accuracy', 'timing')),
    area_code text not null,
    product text not null check (product in ('cases', 'tests', 'cases and tests')),
    first_day date not null,
    last_day date,
    statement text not null,
    evidence text not null,
    body text not null,                     -- the authority that raised it, or the national centre
    raised_by text not null,
    raised_at timestamptz not null,
    state text not null check (state in
        ('RAISED', 'ACKNOWLEDGED', 'INVESTIGATING', 'UPHELD', 'REMEDIED', 'NOT_UPHELD', 'PUBLISHED')),
    since timestamptz not null,
    desk integer not null,                  -- whose turn it is: 0, 1, 2; rises with every missed deadline
    owner text,
    outcome text not null
);
create table decisions.concern_step (
    step_id bigint generated always as identity primary key,
    concern_id bigint not null references decisions.concern,
    event text not null,
    before text not null,
    after text not null,
    at timestamptz not null,
    by_name text not null,
    note text not null
);
create index on decisions.concern_step (concern_id);
create trigger concern_step_only_grows before update or delete or truncate on decisions.concern_step
    for each statement execute function decisions.refuse_change();

create table decisions.hold (
    hold_id bigint generated always as identity primary key,
    concern_id bigint references decisions.concern,
    area_code text not null,
    product text not null check (product in ('cases', 'tests', 'cases and tests')),
    body text not null,
    category text not null check (category in ('identification', 'stigma or cohesion', 'accuracy', 'timing')),
    answer text not null check (answer in
        ('publish with context', 'wait for a larger window', 'merge with neighbours', 'publish tests only',
         'hold cases and tests')),
    until_persons integer,
    reason text not null,                   -- for those who decide; the public reads the category
    own boolean not null,                   -- a council's own short hold
    placed_by text not null,
    placed_at timestamptz not null,
    review_at timestamptz not null,
    expires_at timestamptz not null,        -- without an end it cannot be made
    ended_at timestamptz,
    outcome text not null,
    check (placed_at < expires_at),
    check (review_at between placed_at and expires_at),
    check ((answer = 'wait for a larger window') = (until_persons is not null))
);
create index on decisions.hold (expires_at);

-- published ---------------------------------------------------------------------------------------
create table published.hold_entry (
    entry_id bigint generated always as identity primary key,
    hold_id bigint not null,
    entry text not null check (entry in ('placed', 'extended', 'lifted', 'expired')),
    at timestamptz not null,
    area_code text not null,
    product text not null,
    answer text not null,
    body text not null,
    category text not null,
    since timestamptz not null,
    review_at timestamptz not null,
    expires_at timestamptz not null,
    outcome text not null
);
create table published.concern_outcome (
    concern_id bigint primary key,
    kind text not null,
    area_code text not null,
    product text not null,
    body text not null,
    raised_on date not null,
    decision text not null check (decision in ('UPHELD', 'NOT_UPHELD')),
    outcome text not null,
    at timestamptz not null
);
create table published.recall (
    recall_id bigint generated always as identity primary key,
    block_id bigint not null unique references published.ledger,
    release_id text not null references published.release,
    at timestamptz not null,
    body text not null,
    category text not null check (category in ('identification', 'stigma or cohesion', 'accuracy', 'timing')),
    reason text not null
);
create table published.context_note (
    note_id bigint generated always as identity primary key,
    area_code text not null,
    at timestamptz not null,
    body text not null,
    note text not null                      -- empty: the earlier note no longer holds
);
create table published.status_rule (
    rule_id text not null,
    version integer not null,
    text text not null,                     -- TOML, as publication.status.rules reads it
    chooser text not null,
    chosen_at timestamptz not null,
    reason text not null,
    primary key (rule_id, version)
);
create table published.exclusion (
    exclusion_id bigint generated always as identity primary key,
    area_code text not null,
    first_day date not null,
    last_day date not null,
    body text not null,
    at timestamptz not null,
    reason text not null,
    check (first_day <= last_day)
);
do $$ declare name text; begin
    foreach name in array array['hold_entry', 'concern_outcome', 'recall', 'context_note', 'status_rule', 'exclusion']
    loop
        execute format('create trigger %s_only_grows before update or delete or truncate on published.%I '
            'for each statement execute function decisions.refuse_change()', name, name);
    end loop;
end $$;

-- What the public reads of the ledger: a recalled number is gone from every view, past ones included.
create view published.ledger_shown as
    select l.block_id, l.release_id, l.node, l.level, l.measure, l.group_code, l.event_from, l.event_to,
           l.first_day, l.last_day, case when c.block_id is null then l.value end as value,
           case when c.block_id is null then l.kind else 'recalled' end as kind, l.waited, l.members
    from published.ledger l left join published.recall c using (block_id);
revoke select on published.ledger from pumphandle_public;

-- who may open what -------------------------------------------------------------------------------
alter table decisions.draft_window enable row level security;
alter table decisions.draft_window force row level security;
create policy deeds_draft_window on decisions.draft_window to pumphandle_deeds using (true) with check (true);
-- a reviewer sees all of a draft under review, a council its own part
create policy own_draft_window on decisions.draft_window for select to pumphandle_console
    using (district = nullif((select current_setting('pumphandle.authority', true)), '')
        or (select current_setting('pumphandle.reviewing', true)) = 'on');

grant select, insert, update, delete on decisions.draft, decisions.draft_step, decisions.draft_window,
    decisions.review, decisions.concern, decisions.concern_step, decisions.hold to pumphandle_deeds;
grant select, insert on published.hold_entry, published.concern_outcome, published.recall, published.context_note,
    published.status_rule, published.exclusion to pumphandle_deeds;
grant select on published.ledger_shown to pumphandle_deeds;

grant select on decisions.draft, decisions.draft_step, decisions.draft_window to pumphandle_console;
grant select, insert on decisions.review, decisions.concern_step to pumphandle_console;
grant update (state) on decisions.draft to pumphandle_console;      -- a recall of a whole release
grant insert on decisions.draft_step to pumphandle_console;
grant select, insert, update on decisions.concern, decisions.hold to pumphandle_console;
grant select, insert on published.hold_entry, published.concern_outcome, published.recall, published.context_note,
    published.exclusion to pumphandle_console;
grant select on published.status_rule, published.ledger_shown to pumphandle_console;
grant select on published.hold_entry, published.concern_outcome, published.recall, published.context_note,
    published.status_rule, published.exclusion, published.ledger_shown to pumphandle_public;
