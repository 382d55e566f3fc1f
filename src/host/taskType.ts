/** The type of our tasks, as in package.json and tasks.json. */
export const TASK_TYPE = 'oci';
