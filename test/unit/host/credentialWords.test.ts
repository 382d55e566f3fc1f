import assert from 'node:assert/strict';
import type { SourceReport, SourceStep } from '../../../src/credentials/credentialExplanation';
import { explanationSummary, stepText, stepWords } from '../../../src/host/credentialWords';

const step = (report: SourceReport, label = 'Docker config'): SourceStep => ({
  id: 'dockerConfig',
  label,
  report,
});
const used = step({ outcome: 'used', account: 'alice', place: 'the entry "r.io" of config.json' });
const nothing = step({ outcome: 'nothing' });
const failed = step({ outcome: 'failed', reason: 'docker-credential-x: not installed.' });

describe('words about a credential', () => {
  const lines: [SourceStep, string][] = [
    [used, 'Docker config: used: alice – the entry "r.io" of config.json'],
    [
      step({ outcome: 'used', account: 'alice', place: 'VS Code secret storage' }, 'VS Code secret storage'),
      'VS Code secret storage: used: alice',
    ],
    [
      step({ outcome: 'otherAccount', account: 'bob', place: 'a file' }),
      'Docker config: has bob, another account is used – a file',
    ],
    [
      step({ outcome: 'ended', account: 'alice', place: 'a file' }),
      'Docker config: has a token that has ended (alice) – a file',
    ],
    [failed, 'Docker config: failed – docker-credential-x: not installed.'],
    [nothing, 'Docker config: nothing for this registry'],
    [
      { ...nothing, location: '/home/me/.docker/config.json' },
      'Docker config: nothing for this registry – /home/me/.docker/config.json',
    ],
    [step({ outcome: 'notAsked' }), 'Docker config: not asked: an earlier one answered'],
    [step({ outcome: 'switchedOff' }), 'Docker config: switched off by the setting'],
  ];
  for (const [given, text] of lines) {
    it(`say "${text}"`, () => assert.equal(stepText(given), text));
  }

  it('give each outcome an icon of its own', () => {
    const icons = lines.map(([given]) => stepWords(given).icon);
    assert.equal(new Set(icons).size, 7);
  });

  const summaries: [steps: SourceStep[], chosen: string | undefined, text: RegExp][] = [
    [[nothing, used], undefined, /^Signs in as alice\.$/],
    [[used], 'alice', /^Signs in as alice, the chosen account\.$/],
    [[used], 'bob', /^Signs in as alice: the chosen account bob is signed in nowhere\.$/],
    [[nothing], undefined, /^No sign-in was found: requests are anonymous\.$/],
    [
      [nothing, failed],
      undefined,
      /^No sign-in was found, and a source failed: requests that need one fail too\.$/,
    ],
    [[], undefined, /requests are anonymous/],
  ];
  for (const [steps, chosenAccount, text] of summaries) {
    it(`sum up ${text.source}`, () => {
      const explanation = { host: 'r.io', steps, ...(chosenAccount && { chosenAccount }) };
      assert.match(explanationSummary(explanation), text);
    });
  }
});
