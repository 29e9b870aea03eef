/** What the simulator does not claim, and what sequences therefore leave out or is not compared; printed with the histogram. */
export const OMISSIONS: readonly { readonly what: string; readonly why: string }[] = [
  {
    what: 'the sentences of 400, 415, 422 and 500',
    why: 'they are Go’s; reasons, codes, and fields with their reasons are compared, each once and in no order',
  },
  {
    what: 'empty lists in the items of lists of built-in kinds',
    why: 'the server takes them for a change that nobody can see',
  },
  { what: 'warnings beside a refusal', why: 'the server goes on decoding where this one stops' },
  {
    what: 'which fields of an invalid CustomResourceDefinition are named',
    why: 'its schema of schemas is not modelled; that it is refused is compared',
  },
  {
    what: 'status, versions and events of CustomResourceDefinitions',
    why: 'the server’s own controllers write them at their own pace',
  },
  {
    what: 'fractions where a custom resource wants whole numbers, and empty maps and lists in the metadata that it applies',
    why: 'nobody writes them, and the server’s answers are by-products',
  },
  { what: 'the order of warnings, and of the state that a watch begins with', why: 'the server promises none' },
  { what: 'bookmarks, but for the one that ends that state', why: 'they come when the server likes' },
  { what: 'pages of lists over all namespaces', why: 'the server is shared by sequences that run at the same time' },
  { what: 'who owns an event that both of its APIs wrote', why: 'the conversion of ownership is not modelled' },
  { what: 'generateName, metadata.selfLink, the default IngressClass', why: 'random, obsolete, and not modelled' },
  { what: 'garbage collection, and the deletion of namespaces', why: 'no controller runs beside the real server' },
]
