import { randomUUID } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { removeStale } from '../targets/layout/staleFiles';
import { unlessMissing } from '../targets/layout/systemError';
import { UploadSession } from './uploadSession';

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DEFAULT_ALGORITHM = 'sha256';

/** The uploads under way, each in a folder of its own, so that they outlive the process. */
export class Uploads {
  private readonly sessions = new Map<string, UploadSession>();

  constructor(private readonly folder: string) {}

  /** Removes uploads that nobody continued for a day before `nowMs`. */
  async removeStale(nowMs: number): Promise<void> {
    await removeStale(this.folder, nowMs);
  }

  /** Begins an upload. */
  async begin(repository: string, algorithm = DEFAULT_ALGORITHM): Promise<UploadSession> {
    const id = randomUUID();
    const folder = path.join(this.folder, id);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'data'), '');
    await writeFile(path.join(folder, 'repository'), repository);
    return this.remember(new UploadSession({ id, repository, folder, sizeBytes: 0, algorithm }));
  }

  /** The upload of this id in this repository; undefined when there is none. */
  async find(repository: string, id: string): Promise<UploadSession | undefined> {
    if (!ID.test(id)) return undefined;
    const session = (await this.remembered(id)) ?? (await this.reopen(id));
    return session?.repository === repository ? session : undefined;
  }

  /** Ends an upload and removes what is left of it. */
  async end(session: UploadSession): Promise<void> {
    this.sessions.delete(session.id);
    await session.discard();
  }

  /** One whose files were removed as those of an upload that nobody continues is forgotten. */
  private async remembered(id: string): Promise<UploadSession | undefined> {
    const session = this.sessions.get(id);
    if (!session || (await unlessMissing(stat(session.file)))) return session;
    this.sessions.delete(id);
    return undefined;
  }

  private async reopen(id: string): Promise<UploadSession | undefined> {
    const folder = path.join(this.folder, id);
    const repository = await unlessMissing(readFile(path.join(folder, 'repository'), 'utf8'));
    const data = await unlessMissing(stat(path.join(folder, 'data')));
    if (repository === undefined || data === undefined) return undefined;
    // Another request may have reopened it meanwhile; both must share one session.
    const state = { id, repository, folder, sizeBytes: data.size, algorithm: DEFAULT_ALGORITHM };
    return this.sessions.get(id) ?? this.remember(new UploadSession(state));
  }

  private remember(session: UploadSession): UploadSession {
    this.sessions.set(session.id, session);
    return session;
  }
}
