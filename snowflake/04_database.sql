-- Nothing -> the database and its four schemas; a second run changes nothing. landing holds rows as loaded, core
-- what they mean, mart what people ask, ops what keeps it running.
use role sysadmin;

create database if not exists <% database %>
comment = 'Tonearm: playlists, albums, artists and songs of a Spotify account, with their history.';

create schema if not exists <% database %>.landing
comment = 'Append-only rows, one table per entity, as loaded from S3.';

create schema if not exists <% database %>.core
comment = 'Present and history, computed from landing.';

create schema if not exists <% database %>.mart
comment = 'Views people ask questions of.';

create schema if not exists <% database %>.ops
comment = 'Objects that keep the warehouse running.';
