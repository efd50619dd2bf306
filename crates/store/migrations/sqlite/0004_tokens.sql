-- Programs that may use the API: the digest of what each of them says.
create table token (
    id text primary key,
    name text not null,
    digest text not null unique,
    may text not null,
    account text not null references account (name) on delete cascade,
    created bigint not null,
    used bigint
);
