/** A place to deliver to. The URL may hold a secret, so responses and logs show only the name. */
export interface Webhook {
  name: string;
  url: string;
}
