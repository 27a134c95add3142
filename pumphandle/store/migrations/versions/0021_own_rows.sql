-- Every row to those whose it is. The console's own checks may fail: what a transaction may see and change follows from
-- the authority and the role that it was opened with, and from nothing that a page says. No role, no row.

-- what a transaction was opened as -----------------------------------------------------------------
create function decisions.acts_as(variadic roles text[]) returns boolean language sql stable as
    $$ select coalesce(current_setting('pumphandle.role', true), '') = any (roles) $$;
create function decisions.serves(of text, variadic roles text[]) returns boolean language sql stable as
    $$ select coalesce(of = decisions.own_authority(), false) and decisions.acts_as(variadic roles) $$;
comment on function decisions.serves is 'Whether the transaction acts in one of these roles for this very authority.';
create or replace function decisions.looks_after_all() returns boolean language sql stable as
    $$ select decisions.acts_as('steward', 'national') $$;
create function decisions.own_area(code text) returns boolean language sql stable as $$
    with recursive above as (
        select area_code, level, parent from reference.area where area_code = code
        union
        select a.area_code, a.level, a.parent from above b join reference.area a on a.area_code = b.parent
        where b.level = 'small_area')
    select exists (select from above where level = 'district' and area_code = decisions.own_authority())
$$;
comment on function decisions.own_area is 'Whether an area is the transaction''s own district or lies in it.';
create function decisions.decides(authority text, status text) returns boolean language sql stable as $$
    select decisions.serves(authority, 'director') or (decisions.acts_as('national') and status = 'escalated')
$$;
comment on function decisions.decides is 'A director about their own clusters, the national centre about what nobody acted on in time.';

-- every table gets its lock here; the deeds of the house pass ---------------------------------------
do $$
declare shelf text;
begin
    foreach shelf in array array['decisions.signal', 'decisions.signal_of_areas', 'decisions.cluster',
        'decisions.cluster_day', 'decisions.cluster_step', 'decisions.outbreak', 'decisions.nowcast', 'decisions.growth',
        'decisions.forecast', 'decisions.concern', 'decisions.concern_step', 'decisions.hold', 'decisions.audit',
        'decisions.draft', 'decisions.draft_step', 'decisions.review', 'decisions.watch', 'decisions.usefulness',
        'identified.set_state', 'identified.flare_state', 'identified.file', 'published.hold_entry', 'published.context_note',
        'published.concern_outcome', 'published.recall', 'published.exclusion', 'published.status_rule'] loop
        execute format('alter table %s enable row level security', shelf);
        execute format('alter table %s force row level security', shelf);
        execute format('create policy deeds_%s on %s to pumphandle_deeds using (true) with check (true)',
            split_part(shelf, '.', 2), shelf);
    end loop;
end $$;

-- signals, clusters, outbreaks, outlooks ------------------------------------------------------------
do $$
declare shelf text;
begin
    foreach shelf in array array['signal', 'cluster', 'outbreak', 'nowcast', 'growth', 'forecast'] loop
        execute format('create policy own_%1$s on decisions.%1$I for select to pumphandle_console using (
            (select decisions.acts_as(''national''))
            or authority = (select decisions.own_authority())
                and (select decisions.acts_as(''director'', ''analyst'', ''tracer'')))', shelf);
    end loop;
    -- who may see the cluster may see its history
    foreach shelf in array array['cluster_day', 'cluster_step'] loop
        execute format('create policy own_%1$s on decisions.%1$I for select to pumphandle_console using (
            exists (select from decisions.cluster c where c.cluster_id = %1$I.cluster_id))', shelf);
    end loop;
end $$;
create policy own_signal_of_areas on decisions.signal_of_areas for select to pumphandle_console
    using ((select decisions.acts_as('national')) or decisions.serves(district, 'director', 'analyst', 'tracer'));
create policy decide_cluster on decisions.cluster for update to pumphandle_console
    using (decisions.decides(authority, status))
    with check (decisions.serves(authority, 'director') or decisions.acts_as('national'));
create policy decide_cluster_step on decisions.cluster_step for insert to pumphandle_console
    with check (by_role = current_setting('pumphandle.role', true) and exists (select from decisions.cluster c
        where c.cluster_id = cluster_step.cluster_id and decisions.decides(c.authority, c.status)));
create policy declare_outbreak on decisions.outbreak for insert to pumphandle_console
    with check (exists (select from decisions.cluster c where c.cluster_id = outbreak.cluster_id
        and c.authority = outbreak.authority and decisions.decides(c.authority, c.status)));
create policy close_outbreak on decisions.outbreak for update to pumphandle_console
    using (decisions.serves(authority, 'director')) with check (decisions.serves(authority, 'director'));

-- what is on its way to the public ------------------------------------------------------------------
drop policy own_draft_window on decisions.draft_window;
create policy own_draft_window on decisions.draft_window for select to pumphandle_console using (
    district = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst'))
    -- a reviewer sees all of a draft that asks for a review
    or (select decisions.acts_as('reviewer')) and exists (select from decisions.draft d
        where d.release_day = draft_window.release_day and d.gate = 'review'));
create policy seen_draft on decisions.draft for select to pumphandle_console
    using ((select decisions.acts_as('director', 'analyst', 'reviewer', 'national')));
create policy recall_draft on decisions.draft for update to pumphandle_console
    using (decisions.acts_as('national')) with check (decisions.acts_as('national'));
create policy seen_draft_step on decisions.draft_step for select to pumphandle_console
    using ((select decisions.acts_as('director', 'analyst', 'reviewer', 'national')));
create policy recall_draft_step on decisions.draft_step for insert to pumphandle_console
    with check (decisions.acts_as('national'));
create policy reviewers_review on decisions.review to pumphandle_console
    using ((select decisions.acts_as('reviewer'))) with check (decisions.acts_as('reviewer'));

create policy own_concern on decisions.concern for select to pumphandle_console using (
    (select decisions.acts_as('national'))
    or (select decisions.acts_as('director', 'analyst'))
        and (body = (select decisions.own_authority()) or decisions.own_area(area_code)));
create policy raise_concern on decisions.concern for insert to pumphandle_console with check (
    decisions.acts_as('national')
    or decisions.serves(body, 'director', 'analyst') and decisions.own_area(area_code) and state = 'RAISED');
create policy answer_concern on decisions.concern for update to pumphandle_console
    using (decisions.acts_as('national')) with check (decisions.acts_as('national'));
create policy own_concern_step on decisions.concern_step for select to pumphandle_console
    using (exists (select from decisions.concern c where c.concern_id = concern_step.concern_id));
create policy raise_concern_step on decisions.concern_step for insert to pumphandle_console with check (
    (decisions.acts_as('national') or event = 'raise')
    and exists (select from decisions.concern c where c.concern_id = concern_step.concern_id));

create policy own_hold on decisions.hold for select to pumphandle_console using (
    (select decisions.acts_as('national'))
    or (select decisions.acts_as('director', 'analyst'))
        and (body = (select decisions.own_authority()) or decisions.own_area(area_code)));
create policy place_hold on decisions.hold for insert to pumphandle_console with check (
    decisions.acts_as('national') or decisions.serves(body, 'director') and own and decisions.own_area(area_code));
create policy change_hold on decisions.hold for update to pumphandle_console
    using (decisions.acts_as('national') or decisions.serves(body, 'director'))
    with check (decisions.acts_as('national') or decisions.serves(body, 'director') and decisions.own_area(area_code));

-- the register is everybody's to read; who may add to it is not ------------------------------------
do $$
declare shelf text;
begin
    foreach shelf in array array['hold_entry', 'context_note', 'concern_outcome', 'recall', 'exclusion', 'status_rule'] loop
        execute format('create policy public_%1$s on published.%1$I for select
            to pumphandle_console, pumphandle_public using (true)', shelf);
    end loop;
    foreach shelf in array array['concern_outcome', 'recall', 'exclusion', 'status_rule'] loop
        execute format('create policy decided_%1$s on published.%1$I for insert to pumphandle_console
            with check (decisions.acts_as(''national''))', shelf);
    end loop;
end $$;
create policy own_hold_entry on published.hold_entry for insert to pumphandle_console with check (
    decisions.acts_as('national') or decisions.serves(body, 'director') and decisions.own_area(area_code));
create policy own_context_note on published.context_note for insert to pumphandle_console with check (
    decisions.acts_as('national') or decisions.serves(body, 'director', 'analyst') and decisions.own_area(area_code));

-- the audit: each adds rows in their own name only; a director reads their authority's, an auditor all ----
create policy own_audit on decisions.audit for select to pumphandle_console
    using ((select decisions.acts_as('auditor')) or decisions.serves(authority, 'director'));
create policy add_audit on decisions.audit for insert to pumphandle_console with check (
    by_role = current_setting('pumphandle.role', true) and authority is not distinct from decisions.own_authority());
-- the chain is made of rows that the writer may not see
alter function decisions.chain_audit() security definer set search_path = pg_catalog, pg_temp;

-- the one thing of it that everybody asks about themselves
create function decisions.last_looked(asked text, before timestamptz, out at timestamptz, out day date)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select a.at, (a.subject ->> 'day')::date from decisions.audit a
    where a.by_name = asked and a.deed = 'look_today' and a.at < before
        and a.by_role = current_setting('pumphandle.role', true)
        and a.authority is not distinct from decisions.own_authority()
    order by a.audit_id desc limit 1
$$;

create policy steward_watch on decisions.watch for select to pumphandle_console
    using ((select decisions.acts_as('steward', 'national', 'reviewer', 'auditor'))
        or (select decisions.own_authority()) = any (authorities)
            and (select decisions.acts_as('director', 'analyst', 'tracer')));
create policy seen_usefulness on decisions.usefulness for select to pumphandle_console
    using ((select decisions.looks_after_all()));
create policy steward_file on identified.file for select to pumphandle_console
    using ((select decisions.acts_as('steward')));

-- agreements: both sides read, the director and the nation's steward take steps ----------------------
drop policy own_agreement on decisions.agreement;
drop policy own_agreement_step on decisions.agreement_step;
create policy own_agreement on decisions.agreement for select to pumphandle_console using (
    authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer', 'receiver'))
    or (select decisions.looks_after_all()));
create policy offer_agreement on decisions.agreement for insert to pumphandle_console
    with check (decisions.acts_as('steward'));
create policy step_agreement on decisions.agreement for update to pumphandle_console
    using (decisions.serves(authority, 'director') or decisions.acts_as('steward'))
    with check (decisions.serves(authority, 'director') or decisions.acts_as('steward'));
create policy own_agreement_step on decisions.agreement_step for select to pumphandle_console using (
    authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer', 'receiver'))
    or (select decisions.looks_after_all()));
create policy add_agreement_step on decisions.agreement_step for insert to pumphandle_console
    with check (decisions.serves(authority, 'director') or decisions.acts_as('steward'));

-- people: only roles that a table of duties lets in; without a role nobody --------------------------
drop policy own_record on identified.record;
drop policy own_episode on identified.episode;
drop policy own_change on identified.change;
drop function decisions.reads_records();
create policy own_record on identified.record for select to pumphandle_console
    using (district = (select decisions.own_authority()) and (select decisions.shares())
        and (select decisions.acts_as('director', 'analyst', 'tracer')));
create policy own_episode on identified.episode for select to pumphandle_console
    using (district = (select decisions.own_authority()) and (select decisions.shares())
        and (select decisions.acts_as('director', 'analyst', 'tracer')));
create policy own_change on identified.change for select to pumphandle_console
    using (authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer')));
do $$
declare shelf text;
begin
    foreach shelf in array array['delivery', 'receipt'] loop
        execute format('drop policy own_%1$s on identified.%1$I', shelf);
        execute format('create policy own_%1$s on identified.%1$I for select to pumphandle_console using (
            authority = (select decisions.own_authority())
            and (select decisions.acts_as(''director'', ''analyst'', ''tracer'', ''receiver'')))', shelf);
    end loop;
    foreach shelf in array array['setting', 'visit', 'contact'] loop
        execute format('drop policy own_%1$s on identified.%1$I', shelf);
        execute format('create policy own_%1$s on identified.%1$I to pumphandle_console
            using (authority = (select decisions.own_authority()) and (select decisions.acts_as(''director'', ''tracer'')))
            with check (decisions.serves(authority, ''director'', ''tracer''))', shelf);
    end loop;
    foreach shelf in array array['membership', 'case_set'] loop
        execute format('drop policy own_%1$s on identified.%1$I', shelf);
        execute format('create policy own_%1$s on identified.%1$I for select to pumphandle_console
            using (authority = (select decisions.own_authority()) and (select decisions.acts_as(''director'', ''tracer'')))',
            shelf);
    end loop;
end $$;
create policy give_receipt on identified.receipt for insert to pumphandle_console
    with check (decisions.serves(authority, 'director', 'receiver'));
drop policy own_cluster_case on identified.cluster_case;
create policy own_cluster_case on identified.cluster_case for select to pumphandle_console
    using (authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer')));
drop policy own_link on identified.link;
create policy own_link on identified.link for select to pumphandle_console
    using ((select decisions.own_authority()) in (earlier_authority, later_authority)
        and (select decisions.acts_as('director', 'tracer')));
-- a set is seen by those who have a case in it; which run was the newest is nobody's secret
create policy own_set_state on identified.set_state for select to pumphandle_console
    using (exists (select from identified.case_set c where c.set_id = set_state.set_id));
create function identified.sets_as_of() returns date language sql stable security definer
    set search_path = pg_catalog, pg_temp as 'select max(run_date) from identified.set_state';
drop policy own_flare_case on identified.flare_case;
create policy own_flare_case on identified.flare_case for select to pumphandle_console
    using (authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'tracer')));
create policy own_flare_state on identified.flare_state for select to pumphandle_console
    using (exists (select from identified.flare_case c where c.flare_id = flare_state.flare_id));
create function identified.flares_as_of() returns date language sql stable security definer
    set search_path = pg_catalog, pg_temp as 'select max(run_date) from identified.flare_state';

drop policy both_contact_handover on identified.contact_handover;
drop policy giver_contact_handover on identified.contact_handover;
drop policy receiver_contact_handover on identified.contact_handover;
drop policy handed_contact on identified.contact;
create policy both_contact_handover on identified.contact_handover for select to pumphandle_console
    using ((select decisions.own_authority()) in (giver, receiver) and (select decisions.acts_as('director', 'tracer')));
create policy giver_contact_handover on identified.contact_handover for insert to pumphandle_console
    with check (decisions.serves(giver, 'director', 'tracer'));
create policy receiver_contact_handover on identified.contact_handover for update to pumphandle_console
    using (decisions.serves(receiver, 'director', 'tracer')) with check (decisions.serves(receiver, 'director', 'tracer'));
create policy handed_contact on identified.contact for insert to pumphandle_console
    with check (decisions.serves(case_authority, 'director', 'tracer') and authority <> case_authority);

-- an outbreak's control measures
drop policy own_control_measure on decisions.control_measure;
create policy own_control_measure on decisions.control_measure for select to pumphandle_console using (
    (select decisions.acts_as('national'))
    or authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer')));
create policy add_control_measure on decisions.control_measure for insert to pumphandle_console
    with check (decisions.serves(authority, 'director') and exists (select from decisions.outbreak o
        where o.outbreak_id = control_measure.outbreak_id and o.authority = control_measure.authority));
create policy end_control_measure on decisions.control_measure for update to pumphandle_console
    using (decisions.serves(authority, 'director')) with check (decisions.serves(authority, 'director'));

do $$
declare shelf text;
begin
    foreach shelf in array array['saved_view', 'export'] loop
        execute format('drop policy own_%1$s on decisions.%1$I', shelf);
        execute format('create policy own_%1$s on decisions.%1$I to pumphandle_console
            using (authority = (select decisions.own_authority()) and (select decisions.acts_as(''director'', ''analyst'', ''tracer'')))
            with check (decisions.serves(authority, ''director'', ''analyst'', ''tracer''))', shelf);
    end loop;
end $$;

drop policy own_full_state on identified.full_state_request;
create policy own_full_state on identified.full_state_request to pumphandle_console
    using (decisions.serves(authority, 'director')) with check (decisions.serves(authority, 'director'));
drop policy own_outbox on identified.outbox;
create policy own_outbox on identified.outbox for select to pumphandle_console using (
    authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst'))
    or (select decisions.looks_after_all()));
