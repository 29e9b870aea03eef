/**
 * Every message text of the simulated AWS, in one place, so that one that turns out to be wrong is put right here. Nothing may rest on
 * them: code branches on error names. Marks: [R] recorded from AWS, [I] quoted in a public issue, [?] our guess.
 */
export const messages = {
  // Any service
  rateExceeded: 'Rate exceeded', // [I]
  accessDenied: (action: string, user: string) =>
    `User: ${user} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`, // [I]
  invalidToken: 'The security token included in the request is invalid.', // [I]
  expiredToken: 'The security token included in the request is expired', // [I]
  missingToken: 'Missing Authentication Token', // [I]
  internalFailure: 'The request processing has failed because of an unknown error, exception or failure.', // [?]
  serviceUnavailable: 'Service is unavailable. Please try again later.', // [?]
  unknownAction: (action: string, version: string) => `Could not find operation ${action} for version ${version}`, // [I]
  malformedBody: 'Could not parse the request body.', // [?]

  // Model constraints
  constraint: (options: { value: unknown; at: string; constraint: string }) =>
    `1 validation error detected: Value '${String(options.value)}' at '${options.at}' failed to satisfy constraint: ${options.constraint}`, // [I]
  mustNotBeNull: 'Member must not be null',
  pattern: (pattern: string) => `Member must satisfy regular expression pattern: ${pattern}`,
  lengthAtMost: (length: number) => `Member must have length less than or equal to ${length}`,
  lengthAtLeast: (length: number) => `Member must have length greater than or equal to ${length}`,
  valueBetween: (low: number, high: number) => `Member must have value between ${low} and ${high}`,
  enumeration: (values: readonly string[]) => `Member must satisfy enum value set: [${values.join(', ')}]`,

  // ACM
  invalidArn: (arn: string) => `Invalid Certificate ARN: ${arn}`, // [?]
  invalidAuthorityArn: (arn: string) => `Invalid ARN of a certificate authority: ${arn}`, // [?]
  authorityNotFound: (arn: string) => `Could not find a certificate authority with the ARN ${arn}.`, // [?]
  certificateNotFound: (arn: string) => `Could not find certificate ${arn}.`, // [?]
  certificateInUse: (arn: string, account: string) => `Certificate ${arn} in account ${account} is in use.`, // [I]
  requestInProgress: (arn: string) => `The certificate ${arn} is not yet issued.`, // [?]
  commonNameTooLong: 'The first domain name can be no longer than 64 octets, including periods.', // [?]
  amazonOwnedName: (name: string) => `The domain name ${name} is owned by Amazon and cannot be requested.`, // [?]
  internationalLabel: (name: string) => `The domain name ${name} has a label that is not a valid A-label.`, // [?]
  tooManyNames: 'Certificate has too many domains.', // [I]
  yearlyLimit: (limit: number) => `Error: you have reached your limit of ${limit} certificates in the last year.`, // [I]
  certificateLimit: 'Cannot request more certificates in this account. Contact Customer Service for details', // [I]
  keyAlgorithmNotRequestable: (algorithm: string) =>
    `Certificates with key algorithm ${algorithm} can only be imported.`, // [?]
  httpValidation: 'HTTP validation is only available to certificates managed by CloudFront.', // [?]
  reservedTag: 'aws: prefixed tag key names are not allowed for external use.', // [I]
  tooManyTags: 'A certificate cannot have more than 50 tags.', // [?]
  sortTogether: 'SortBy and SortOrder must be given together.', // [?]
  invalidNextToken: 'The NextToken is not valid.', // [?]

  // Route 53
  noSuchHostedZone: (id: string) => `No hosted zone found with ID: ${id}`, // [I]
  noSuchChange: (id: string) => `A change with id ${id} does not exist.`, // [?]
  priorRequestNotComplete: 'The request was rejected because Route 53 was still processing a prior request.', // [D]
  alreadyExists: (name: string, type: string) =>
    `Tried to create resource record set [name='${name}', type='${type}'] but it already exists`, // [I]
  notFound: (name: string, type: string) =>
    `Tried to delete resource record set [name='${name}', type='${type}'] but it was not found`, // [I]
  valuesDiffer: (name: string, type: string) =>
    `Tried to delete resource record set [name='${name}', type='${type}'] but the values provided do not match the current values`, // [I]
  conflict: (options: { type: string; name: string; other: string; zone: string }) =>
    `RRSet of type ${options.type} with DNS name ${options.name} is not permitted because a conflicting RRSet of type ${options.other} with the same DNS name already exists in zone ${options.zone}`, // [I]
  conflictWithOthers: (type: string, name: string, zone: string) =>
    `RRSet of type ${type} with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone}`, // [I]
  apex: (type: string, name: string, zone: string) =>
    `RRSet of type ${type} with DNS name ${name} is not permitted at apex in zone ${zone}`, // [I]
  outsideZone: (name: string, zone: string) => `RRSet with DNS name ${name} is not permitted in zone ${zone}`, // [I]
  changedTwice: (name: string, type: string) =>
    `The request contains an invalid set of changes for a resource record set '${type} ${name}'`, // [I]
  protectedRecord: (name: string, type: string) =>
    `RRSet of type ${type} with DNS name ${name} is protected and cannot be changed`, // [?]
  tooManyRecords: (limit: number) => `Number of records limit of ${limit} exceeded.`, // [I]
  tooManyCharacters: (limit: number) => `Number of characters in value elements limit of ${limit} exceeded.`, // [?]
  apexRecordsStay: (zone: string) =>
    `A HostedZone must contain exactly one SOA record and at least one NS record for the zone itself: ${zone}`, // [I]
  hostedZoneNotEmpty: 'The specified hosted zone contains non-required resource record sets and so cannot be deleted.', // [I]
  invalidDomainName: (name: string) => `${name} is not a valid domain name`, // [?]
  invalidInput: (what: string) => `Invalid XML ; ${what}`, // [?]
  hostedZoneAlreadyExists: (reference: string) =>
    `A hosted zone has already been created with the specified caller reference: ${reference}`, // [?]
  tooManyHostedZones: 'Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER', // [?]

  // Elastic Load Balancing
  loadBalancerNotFound: (what: string) => `Load balancers '[${what}]' not found`, // [I]
  loadBalancerExists: (name: string) =>
    `A load balancer with the same name '${name}' exists, but with different settings`, // [I]
  loadBalancerName: (name: string) =>
    `The load balancer name '${name}' is not valid: 1 to 32 letters, digits and hyphens`, // [?]
  listenerNotFound: (arn: string) => `One or more listeners not found: ${arn}`, // [I]
  listenerExists: 'A listener already exists on this port for this load balancer', // [I]
  listenerCertificateNotFound: (arn: string) => `Certificate '${arn}' not found`, // [I]
  unsupportedCertificate: (arn: string) =>
    `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`, // [I]
  certificateArnNotValid: (arn: string) => `Certificate ARN '${arn}' is not valid`, // [I]
  certificateRequired: 'A certificate must be specified for HTTPS listeners', // [I]
  oneCertificate: 'You can only specify one certificate', // [?]
  tooManyCertificates: (limit: number) =>
    `The maximum number of certificates (${limit}) has been reached for the load balancer`, // [?]
  defaultCertificateStays: (arn: string) => `Default certificate '${arn}' cannot be removed`, // [?]
  protocolWithoutCertificates: (protocol: string) => `Certificates cannot be specified for ${protocol} listeners`, // [I]
  protocolNotSupported: (protocol: string, type: string) =>
    `Protocol '${protocol}' is not supported for load balancers of type '${type}'`, // [?]
  resourceNotFound: (arn: string) => `'${arn}' is not a valid resource`, // [?]
  parameterRequired: (name: string) => `${name} is required`, // [?]
  tooMany: (what: string, limit: number) => `No more than ${limit} ${what} can be specified`, // [?]

  // Tagging, STS
  paginationTokenExpired: 'The pagination token has expired or is not valid.', // [?]
  arnListAlone: 'ResourceARNList cannot be used together with filters or paging.', // [?]
  assumeRoleDenied: (user: string, role: string) =>
    `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${role}`, // [I]
} as const
