-- Net contributions of one measure by small area and day of arrival.
-- batch: triangle rows of the batches asked for
select report_date, small_area, sum(increment) as arrived
from batch
where measure = $measure and small_area is not null
group by report_date, small_area
order by report_date, small_area
