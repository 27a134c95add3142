-- The noisy tier: products, their cells and the budget that they spent. All of it may be read by everyone: the numbers
-- carry noise, and how much was spent is no secret.
create table published.noisy_product (
    product_id text primary key,            -- noisy-1, noisy-2, …
    sequence integer not null unique check (sequence > 0),
    measure text not null check (measure in ('tests', 'positives', 'cases')),
    first_day date not null,                -- days of arrival, both included
    last_day date not null,
    levels text[] not null,                 -- at which noise was drawn
    groups text[] not null,
    thousandths integer not null check (thousandths > 0),     -- of epsilon
    mechanism text not null,
    reason text not null,
    made_at timestamptz not null,
    cell_count integer not null,
    sha256 text not null,                   -- of the cells as CSV, in the order of cell_id
    check (first_day <= last_day)
);
create table published.noisy_cell (
    product_id text not null references published.noisy_product,
    cell_id integer not null,
    area_code text not null,
    level text not null,
    age_band text not null,                 -- all: everybody
    sex text not null,
    estimate double precision not null,     -- neither rounded nor clipped: can lie below 0
    standard_error double precision not null,
    low double precision not null,
    high double precision not null,
    primary key (product_id, cell_id)
);
create index on published.noisy_cell (area_code, product_id);
create table published.noisy_budget (
    product_id text primary key references published.noisy_product,
    first_day date not null,
    last_day date not null,
    thousandths integer not null check (thousandths > 0),
    limit_thousandths integer not null,     -- as chosen when it was spent
    threshold_version integer not null,
    check (thousandths <= limit_thousandths)
);
create index on published.noisy_budget (last_day);
create trigger noisy_product_only_grows before update or delete or truncate on published.noisy_product
    for each statement execute function decisions.refuse_change();
create trigger noisy_cell_only_grows before update or delete or truncate on published.noisy_cell
    for each statement execute function decisions.refuse_change();
create trigger noisy_budget_only_grows before update or delete or truncate on published.noisy_budget
    for each statement execute function decisions.refuse_change();
grant select, insert on published.noisy_product, published.noisy_cell, published.noisy_budget to pumphandle_deeds;
grant select on published.noisy_product, published.noisy_cell, published.noisy_budget
    to pumphandle_console, pumphandle_public;
