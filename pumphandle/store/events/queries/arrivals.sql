-- Signed contributions of one measure that came with these batches, by small area and group.
-- batch: triangle rows of the batches asked for
select small_area, age_band, sex, sum(batch.increment) as increment
from batch
where measure = $measure and small_area is not null
group by small_area, age_band, sex
having sum(batch.increment) <> 0
order by small_area, age_band, sex
