// Signs in to a row of hosts, one after another: `node writeCredentials.js <config file> <name> <count>`.
import { DockerConfigStore } from '../../../src/credentials/dockerConfigStore';

async function main([file, name, count]: readonly string[]): Promise<void> {
  const environment = { variables: {}, homeFolder: '/nowhere', platform: process.platform };
  const store = new DockerConfigStore({ environment }, file);
  for (let index = 0; index < Number(count); index++) {
    await store.set(`${name}-${index}.io`, { kind: 'basic', username: `${name}`, password: `${index}` });
    if (index % 2 === 1) await store.remove(`${name}-${index}.io`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
