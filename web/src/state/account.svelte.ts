import * as api from '../lib/account';

/** Who has signed in on this page. */
class SignedIn {
  /** undefined: not known yet; null: nobody. */
  account = $state.raw<api.Account | null | undefined>(undefined);

  async load(): Promise<void> {
    try {
      this.account = await api.getAccount();
    } catch {
      this.account ??= null; // the server cannot be reached; pages that need it will say so
    }
  }

  async signIn(name: string, password: string): Promise<void> {
    this.account = await api.signIn(name, password);
  }

  async signUp(name: string, password: string, code: string): Promise<void> {
    this.account = await api.signUp(name, password, code);
  }

  async signOut(): Promise<void> {
    await api.signOut();
    this.account = null;
  }

  async deleteAccount(password: string): Promise<void> {
    await api.deleteAccount(password);
    this.account = null;
  }
}

export const signedIn = new SignedIn();
