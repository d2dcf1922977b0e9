import { Client } from 'pg';
import { openPostgresSource } from '../../src/platform/storage/postgres/postgresSource';
import { migrationsOf } from '../../src/platform/subsystem';
import { subsystems } from '../../src/subsystems';

/**
 * The servers of a Citus cluster: the one that TEST_POSTGRES_URL names is the coordinator, and TEST_CITUS names the workers,
 * as in `127.0.0.1:5501,127.0.0.1:5502`. Where it is set, every database of a test is distributed over them.
 */
function serverUrls(name: string): string[] {
  const hosts = ['', ...(process.env.TEST_CITUS as string).split(',')];
  return hosts.map((host) => {
    const url = new URL(process.env.TEST_POSTGRES_URL as string);
    if (host !== '') url.host = host;
    url.pathname = `/${name}`;
    return url.href;
  });
}

/** Runs statements on a server, one after the other. */
export async function onServer(url: string | undefined, ...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Makes a database on every server of the cluster, each known to the coordinator; its tables are not there yet. */
export async function createOnCluster(name: string): Promise<void> {
  const urls = serverUrls(name);
  for (const [index, url] of serverUrls('postgres').entries()) {
    await onServer(url, `create database ${name} template template0 encoding 'UTF8'`);
    await onServer(urls[index], 'create extension citus');
  }
  const [coordinator, ...workers] = urls.map((url) => new URL(url));
  const addNodes = [
    `select citus_set_coordinator_host('${coordinator?.hostname}', ${coordinator?.port})`,
    ...workers.map(({ hostname, port }) => `select citus_add_node('${hostname}', ${port})`),
  ];
  // Adding a node also writes to what all databases of a server share, and fails where another test does so just then.
  for (let attemptsLeft = 10; ; attemptsLeft -= 1) {
    try {
      return await onServer(urls[0], ...addNodes);
    } catch (error) {
      if (attemptsLeft === 0) throw error;
    }
  }
}

/** Makes the tables, and puts them on the cluster. */
export async function distribute(url: string): Promise<void> {
  const source = await openPostgresSource({
    url,
    name: url,
    entities: [],
    migrations: migrationsOf(subsystems),
    citus: { onTable: () => undefined, onDistributed: () => undefined },
  });
  await source.destroy();
}

export async function dropOnCluster(name: string): Promise<void> {
  for (const url of serverUrls('postgres')) {
    await onServer(url, `drop database if exists ${name} with (force)`);
  }
}
