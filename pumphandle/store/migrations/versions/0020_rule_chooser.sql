-- The national centre chooses the status rule in the console; rows are only added, as for every public decision.
grant insert on published.status_rule to pumphandle_console;
