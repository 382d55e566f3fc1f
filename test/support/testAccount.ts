/** The user of every test registry that asks for one, with the password as bcrypt for an htpasswd file. */
export const testAccount = {
  username: 'tester',
  password: 's3cret:battery',
  /** A second user, with the same password. */
  secondUsername: 'second',
  htpasswdLine: 'tester:$2y$05$abcdefghijklmnopqrstuuoNktfqTRYCBl9b3g7BJ2dII/vwpidvG',
} as const;
