import type { PeerName } from '../../support/peers';
import type { Stage } from './stage';

/** Something a user does with secrets that are marked. It looks at what comes and goes; files are searched behind all. */
export interface Flow {
  readonly name: string;
  /** The programs it needs beside docker-registry. */
  readonly peers?: readonly PeerName[];
  readonly run: (stage: Stage) => Promise<void>;
}
