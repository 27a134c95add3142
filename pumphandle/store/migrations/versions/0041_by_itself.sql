-- What is past its time is erased with every day's run, also what belongs to no authority; break-glass lasts as long, and is
-- reviewed as soon, as the nation has chosen.

alter table decisions.run_step drop constraint run_step_step_check;
alter table decisions.run_step add constraint run_step_step_check
    check (step in ('receive', 'link', 'deliver', 'detect', 'trace', 'publish', 'purge'));
-- days that were finished before there was this step are finished
insert into decisions.run_step (run_date, step, finished_at, seconds, summary)
    select run_date, 'purge', finished_at, 0, '{}' from decisions.run_step where step = 'publish';

comment on column decisions.purge.authority is 'Whose; unplaced: records without a place, by the nation''s own rule.';

-- what was twelve hours and three days in the program is a number that somebody answers for; a house that runs goes on
alter table decisions.break_glass drop constraint break_glass_check1;
alter table decisions.break_glass add constraint break_glass_lasts
    check (opened_at < ends_at and ends_at <= opened_at + interval '72 hours' and ends_at < review_due);
insert into decisions.threshold (name, version, value, chooser, chosen_on, reason)
    select name, 1, to_jsonb(value), 'Pumphandle''s authors', current_date, reason from (values
        ('glass_hours', 12, 'One long shift: an emergency that lasts longer is opened again, and told to the owner again.'),
        ('glass_review_days', 3, 'Over a weekend, and while those who were there still remember why.')
    ) as chosen (name, value, reason)
    where exists (select from decisions.threshold);
