import { seedHello } from './hello';
import { seedHelmChart } from './helmChart';
import { seedImages } from './images';
import { seedPolicies } from './policies';
import { SampleRegistry } from './sampleRegistry';

/** Fills a registry (`host[:port]`, plain HTTP) with the sample artifacts; a second time changes nothing. */
export async function seedAll(host: string): Promise<void> {
  const registry = new SampleRegistry(host);
  for (const seed of [seedHello, seedPolicies, seedHelmChart, seedImages]) await seed(registry);
}
