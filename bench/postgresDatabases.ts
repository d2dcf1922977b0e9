import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Databases } from './databases';

/**
 * Databases of this run on a PostgreSQL server; they are dropped again at its end.
 * @param serverUrl of a database on it, as a user who may create others
 */
export function postgresDatabases(
  serverUrl: string,
  folder: string,
): Databases & { dropAll(): Promise<void> } {
  const made = new Set<string>();
  const onServer = async (statement: string) => {
    const client = await connect(serverUrl);
    await client.query(statement);
    await client.end();
  };
  const urlOf = (name: string) => {
    const url = new URL(serverUrl);
    url.pathname = `/caretally_bench_${process.pid}_${name}`;
    return url.href;
  };
  const make = async (name: string, template: string) => {
    const url = urlOf(name);
    made.add(url);
    await onServer(`create database ${nameOf(url)} template ${template}`);
    return url;
  };
  const remove = async (url: string) => {
    await onServer(`drop database if exists ${nameOf(url)} with (force)`);
    made.delete(url);
  };
  return {
    engine: 'postgres',
    create: (name) => make(name, 'template0'),
    copy: (url, name) => make(name, nameOf(url)),
    remove,
    async bytes(url) {
      const client = await connect(url);
      const { rows } = await client.query('select pg_database_size(current_database())::float8 as whole');
      await client.end();
      return rows[0].whole;
    },
    async connect(url) {
      const client = await connect(url);
      return {
        async all(statement, values = []) {
          await client.query({ name: nameFor(statement), text: statement, values: [...values] });
        },
        close: () => client.end(),
      };
    },
    async settle(url) {
      const client = await connect(url);
      await client.query('vacuum analyze');
      await client.end();
    },
    path: (name) => join(folder, name),
    async dropAll() {
      for (const url of made) await remove(url);
    },
  };
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

/** A prepared statement's name: the driver prepares each name once a connection. */
function nameFor(statement: string): string {
  return createHash('md5').update(statement).digest('hex');
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}
