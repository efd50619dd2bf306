-- Audits that workers make: where a visit stands in its session, what a job waits for, and what was asked for.

alter table visit add column leg text;

-- A job waits until its audit has no open one of a lower stage.
alter table job add column stage bigint not null default 0;

-- The request of an audit that workers make, with its secrets: gone when the audit is over.
create table asked (
    audit text primary key,
    request text not null
);
