import type { RegistryError } from '../oci/errors';
import type { Advice } from './advice';

/** What to do about a refusal that registries are known for; undefined for any other. */
export function refusalAdvice(error: RegistryError): Advice | undefined {
  switch (error.status) {
    case 429:
      return {
        summary: `${hostOf(error)} lets no more through for now`,
        detail: `${error.message} Wait until its limit is lifted, or sign in: registries let more through for who is signed in.`,
        steps: ['signIn', 'retry', 'showLog'],
      };
    case 412:
      return {
        summary: `${hostOf(error)} keeps this as it is`,
        detail: `${error.message} A rule of the registry makes the tag immutable: use another tag, or change the rule.`,
        steps: ['retry', 'showLog'],
      };
    case 400:
      if (!refusesMediaType(error)) return undefined;
      return {
        summary: `${hostOf(error)} does not take this kind of artifact`,
        detail: `${error.message} Some registries, older Quay among them, take only media types that their administrator allows (in Quay, ALLOWED_OCI_ARTIFACT_TYPES).`,
        steps: ['retry', 'showLog'],
      };
    default:
      return undefined;
  }
}

function refusesMediaType({ failure }: RegistryError): boolean {
  return failure.details.some(
    ({ code, message, detail = '' }) =>
      code === 'MANIFEST_INVALID' && /media ?type|schema|config/i.test(`${message} ${detail}`),
  );
}

function hostOf({ failure }: RegistryError): string {
  return URL.canParse(failure.url) ? new URL(failure.url).host : 'The registry';
}
