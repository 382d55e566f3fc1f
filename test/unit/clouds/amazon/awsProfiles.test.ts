import assert from 'node:assert/strict';
import path from 'node:path';
import { enterAwsHome, type AwsHome } from '../../../support/awsHome';
import { createAws } from '../../../support/awsProgram';

describe('the profiles of AWS', () => {
  let home: AwsHome;
  beforeEach(async () => {
    home = await enterAwsHome();
  });
  afterEach(() => home.leave());

  it('are none where there are no files', async () => {
    assert.deepEqual(await createAws().profiles(), []);
  });

  it('are those of both files, once each, without the other sections', async () => {
    const sections = [
      '[default]',
      '[profile dev]',
      '[sso-session corp]',
      '[services local]',
      '[profile a b]',
    ];
    await home.write('config', sections.map((line) => `${line}\nregion = eu-west-1\n`).join(''));
    await home.write('credentials', '[dev]\naws_access_key_id = x\n[ci]\naws_access_key_id = x\n');
    assert.deepEqual(await createAws().profiles(), ['ci', 'default', 'dev']);
  });

  it('are read anew, and from where the environment says', async () => {
    const aws = createAws();
    assert.deepEqual(await aws.profiles(), []);
    await home.write('mine/config', '[profile moved]\nregion = x\n');
    await home.write('mine/keys', '[kept]\nx = y\n');
    home.set({
      AWS_CONFIG_FILE: path.join(home.folder, '.aws/mine/config'),
      AWS_SHARED_CREDENTIALS_FILE: path.join(home.folder, '.aws/mine/keys'),
    });
    assert.deepEqual(await aws.profiles(), ['kept', 'moved']);
    await home.write('mine/keys', '[new]\nx = y\n');
    assert.deepEqual(await aws.profiles(), ['moved', 'new']);
  });
});
