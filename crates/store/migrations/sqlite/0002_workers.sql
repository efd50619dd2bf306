-- Audits that workers make: where a visit stands in its session, what a job waits for, and what was asked for.

alter table visit add column leg text;

-- A job waits until its audit has no open one of a lower stage.
alter table job add column stage bigint not null default 0;

-- How long the lease was given for, and how long the job was to wait, ms: a clock that was put back is noticed by them.
alter table job add column lease bigint not null default 0;
alter table job add column wait bigint not null default 0;

-- The request of an audit that workers make, with its secrets: gone when the audit is over.
create table asked (
    audit text primary key,
    request text not null
);
