import { hash } from 'bcryptjs';
import { startDockerRegistry } from './dockerRegistry';
import { startEcrFront, type EcrFront } from './ecrFront';
import { startMoto, type MotoServer } from './motoServer';

/** An ECR to test with. */
export interface Ecr extends EcrFront {
  /** Its API. */
  readonly moto: MotoServer;
  /** User name and password as the API gives them out. */
  readonly account: { readonly username: string; readonly password: string };
}

/** moto's API in front of a docker-registry that lets in by htpasswd, with exactly the password that moto gives out. */
export async function startEcr(): Promise<Ecr> {
  const moto = await startMoto();
  const account = await accountOf(moto);
  const htpasswdLines = [`${account.username}:${await hash(account.password, 5)}`];
  const registry = await startDockerRegistry({ auth: 'htpasswd', deleteEnabled: true, htpasswdLines });
  const front = await startEcrFront(registry.host, moto);
  const stop = async () => {
    await front.stop();
    await registry.stop();
    await moto.stop();
  };
  return { ...front, moto, account, stop };
}

async function accountOf(moto: MotoServer): Promise<Ecr['account']> {
  const { body } = await moto.call('GetAuthorizationToken', {});
  const [data] = body['authorizationData'] as { authorizationToken: string }[];
  const text = Buffer.from(data?.authorizationToken ?? '', 'base64').toString();
  const [username = '', password = ''] = text.split(':');
  return { username, password };
}
