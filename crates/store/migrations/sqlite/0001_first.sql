-- What is kept. Times are milliseconds since the Unix epoch; truth values are 0 and 1; digests are hex; lists and small
-- structures are JSON. Everything here but jobs can be made again from the records in the store's folder.

create table audit (
    n integer primary key,
    id text not null unique,
    site text not null,
    start_url text not null,
    started bigint not null,
    finished bigint,
    state text not null,
    vantage text not null,
    scenarios text not null,
    tool text not null,
    judged text not null
);
create index audit_site on audit (site, started);

create table visit (
    audit bigint not null references audit (n) on delete cascade,
    session text not null,
    ordinal bigint not null,
    scenario text not null,
    control bigint not null,
    page text not null,
    path text not null,
    digest text,
    outcome text,
    complete bigint not null,
    primary key (audit, session, ordinal)
);

create table verdict (
    audit bigint not null references audit (n) on delete cascade,
    rule text not null,
    verdict text not null,
    primary key (audit, rule)
);

create table finding (
    audit bigint not null references audit (n) on delete cascade,
    fingerprint text not null,
    rule text not null,
    severity text not null,
    title text not null,
    subject text not null,
    pages text not null,
    scenarios text not null,
    measure text,
    primary key (audit, fingerprint)
);

-- A tag, vendor, cookie or host of a site, once however many audits saw it.
create table thing (
    n integer primary key,
    site text not null,
    kind text not null,
    key text not null,
    name text not null,
    detail text not null,
    unique (site, kind, key)
);

-- What an audit saw of it.
create table seen (
    thing bigint not null references thing (n) on delete cascade,
    audit bigint not null references audit (n) on delete cascade,
    pages bigint not null,
    times bigint not null,
    first_ms double precision,
    scenarios text not null,
    primary key (thing, audit)
) without rowid;
create index seen_audit on seen (audit);

create table job (
    id text primary key,
    kind text not null,
    key text not null unique,
    audit text not null,
    payload text not null,
    site text not null,
    priority bigint not null,
    state text not null,
    run_at bigint not null,
    attempts bigint not null default 0,
    max_attempts bigint not null,
    epoch bigint not null default 0,
    worker text,
    lease_until bigint,
    cancel bigint not null default 0,
    error text,
    created bigint not null,
    ended bigint
);
create index job_ready on job (state, priority, run_at);
create index job_site on job (site, state);
create index job_audit on job (audit, state);
