import { GetResourcesCommand, type ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import type { Arn, Tags } from '../core/certificate.ts'
import type { CallOptions, Calls } from './call.ts'
import { pagesByToken, required } from './pages.ts'

/** The tag that says which cluster's Certwright made a certificate. */
export const CLUSTER_TAG = 'certwright.dev/cluster'

export interface TagOptions extends CallOptions {
  /** Only certificates that carry {@link CLUSTER_TAG} with this value. Absent: every certificate with any tag. */
  readonly cluster?: string | undefined
}

/** Tags of all certificates of a region at once, from the Resource Groups Tagging API. */
export class Tagging {
  readonly #client: ResourceGroupsTaggingAPIClient
  readonly #calls: Calls

  constructor(options: { client: ResourceGroupsTaggingAPIClient; calls: Calls }) {
    this.#client = options.client
    this.#calls = options.calls
  }

  /**
   * All tags of each certificate. All pages, or it throws AwsError. New tags appear here after up to a minute, deleted certificates
   * linger for hours, and what never had a tag is missing: absence here proves nothing.
   */
  async certificateTags(options: TagOptions = {}): Promise<ReadonlyMap<Arn, Tags>> {
    const filter =
      options.cluster === undefined ? {} : { TagFilters: [{ Key: CLUSTER_TAG, Values: [options.cluster] }] }
    const resources = await pagesByToken('GetResources', (PaginationToken) =>
      this.#calls
        .send('GetResources', options, (http) =>
          this.#client.send(
            new GetResourcesCommand({
              ResourceTypeFilters: ['acm:certificate'],
              ResourcesPerPage: 100,
              PaginationToken,
              ...filter,
            }),
            http,
          ),
        )
        .then((answer) => ({
          page: required('GetResources', answer.ResourceTagMappingList),
          next: answer.PaginationToken,
        })),
    )
    return new Map(
      resources.flatMap(({ ResourceARN: arn, Tags: list }) => {
        // Other implementations of this API may not heed the filter by type.
        if (arn === undefined || !/^arn:[^:]+:acm:[^:]*:[^:]*:certificate\//.test(arn)) return []
        const tags = Object.fromEntries(
          (list ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])),
        )
        return [[arn, tags] as const]
      }),
    )
  }
}
