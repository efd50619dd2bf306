-- Sites that are watched: what is audited and when, who is told, and who may look.

-- A site that the user owns or answers for. The request holds secrets where its headers or its proxy do.
create table property (
    id text primary key,
    name text not null,
    site text not null,
    request text not null,
    created bigint not null
);

-- When it is audited. next_at is moved by whoever begins the audit, in the same transaction.
create table schedule (
    property text primary key references property (id) on delete cascade,
    cron text not null,
    zone text not null,
    next_at bigint,
    paused bigint not null default 0
);

-- Where alerts go: of one property, or of all.
create table channel (
    id text primary key,
    property text references property (id) on delete cascade,
    kind text not null,
    target text not null,
    secret text not null,
    created bigint not null
);

-- What was told, once: the same of one audit is not told again.
create table alert (
    n integer primary key,
    property text not null,
    audit text not null,
    kind text not null,
    key text not null,
    title text not null,
    detail text not null,
    created bigint not null,
    unique (property, audit, kind, key)
);
create index alert_property on alert (property, created);

-- Who may look.
create table account (
    name text primary key,
    password text not null,
    created bigint not null
);

-- A browser that has logged in: the digest of its cookie.
create table login (
    id text primary key,
    account text not null references account (name) on delete cascade,
    csrf text not null,
    expires bigint not null
);

-- The property that an audit is of; none where it was made by hand.
alter table audit add column property text;
create index audit_property on audit (property, started);
