/** The namespaces that a description declares. */
export const descriptionAttributes = {
  xmlns: "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect",
  "xmlns:i": "http://www.w3.org/2001/XMLSchema-instance",
} as const;
