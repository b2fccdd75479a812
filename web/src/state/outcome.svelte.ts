import { ApiError } from '../lib/api';

/** What became of what was last asked of the server in one place of a page, to be shown there. */
export class Outcome {
  failure = $state('');
  done = $state('');

  /** Does something; shows what the server says against it, or that it is done. */
  attempt = async (action: () => Promise<unknown>, done = ''): Promise<void> => {
    this.failure = this.done = '';
    try {
      await action();
      this.done = done;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.failure = error.message;
    }
  };
}
