import { beforeAll, describe, expect, test } from 'vitest'
import { type Body, causesOf, eventually, type KubernetesClient, uniqueName } from './kubernetes-client.ts'

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 10 },
        color: { type: 'string', enum: ['red', 'green'], default: 'red' },
        code: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
        parts: {
          type: 'array',
          maxItems: 3,
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, weight: { type: 'integer' } },
          },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
        tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: {
      type: 'object',
      properties: { phase: { type: 'string' }, since: { type: 'string', format: 'date-time' } },
    },
  },
}

function definition(group: string) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: SCHEMA },
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
            { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
            { name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1 },
            { name: 'Parts', type: 'string', jsonPath: '.spec.parts[*].name' },
          ],
        },
      ],
    },
  }
}

/** What CustomResourceDefinitions define. */
export function customContract(kube: () => KubernetesClient): void {
  const group = `${uniqueName()}.example.com`
  const widgets = (namespace: string) => `/apis/${group}/v1/namespaces/${namespace}/widgets`
  const widget = (name: string, spec: object, metadata: object = {}) => ({
    apiVersion: `${group}/v1`,
    kind: 'Widget',
    metadata: { name, ...metadata },
    spec,
  })
  const served = async (path: string) => (await kube().get(path)).status === 200

  describe('once their definition is established', () => {
    beforeAll(async () => {
      await kube().created(CRDS, definition(group))
      await eventually(() => served(`/apis/${group}/v1/widgets`), 'the new kind is served')
      await eventually(() => served(`/openapi/v3/apis/${group}/v1`), 'the new kind is in the schemas')
    })

    test('the definition says that its names are accepted and that it is established', async () => {
      const { body } = await kube().get(`${CRDS}/widgets.${group}`)
      const { conditions, storedVersions, acceptedNames } = body['status'] as {
        conditions: { type: string; status: string }[]
        storedVersions: string[]
        acceptedNames: object
      }
      expect(conditions.map(({ type, status }) => `${type} ${status}`)).toEqual(
        expect.arrayContaining(['NamesAccepted True', 'Established True']),
      )
      expect(storedVersions).toEqual(['v1'])
      expect(acceptedNames).toMatchObject({ kind: 'Widget', listKind: 'WidgetList', plural: 'widgets' })
    })

    test('discovery names the kind with its short names and its status', async () => {
      const { body } = await kube().get(`/apis/${group}/v1`)
      expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: `${group}/v1` })
      expect(body['resources']).toMatchObject([
        { name: 'widgets', singularName: 'widget', namespaced: true, kind: 'Widget', shortNames: ['wd'] },
        { name: 'widgets/status', namespaced: true, kind: 'Widget' },
      ])
    })

    test('an object gets generation 1 and the defaults of the schema', async () => {
      const namespace = await kube().namespace()
      const body = await kube().created(widgets(namespace), widget('a', { size: 3 }))
      expect(body).toMatchObject({ kind: 'Widget', metadata: { generation: 1 }, spec: { size: 3, color: 'red' } })
    })

    test('items of a list carry their kind', async () => {
      const namespace = await kube().namespace()
      await kube().created(widgets(namespace), widget('a', { size: 3 }))
      const { body } = await kube().get(widgets(namespace))
      expect(body).toMatchObject({
        kind: 'WidgetList',
        apiVersion: `${group}/v1`,
        items: [{ kind: 'Widget', apiVersion: `${group}/v1` }],
      })
    })

    test('fields that the schema does not know are dropped, unless it preserves them', async () => {
      const namespace = await kube().namespace()
      const spec = { size: 3, surprise: 1, free: { any: { thing: [1] } } }
      const reply = await kube().create(widgets(namespace), widget('a', spec))
      expect(reply.headers['warning']).toContain('unknown field \\"spec.surprise\\"')
      expect(reply.body['spec']).toEqual({ size: 3, color: 'red', free: { any: { thing: [1] } } })
      const strict = await kube().create(widgets(namespace), widget('b', spec), { fieldValidation: 'Strict' })
      expect([strict.status, strict.body['reason']]).toEqual([400, 'BadRequest'])
    })

    test('what breaks the schema is refused with 422, a cause each', async () => {
      const namespace = await kube().namespace()
      const causes = async (spec: object) => {
        const { status, body } = await kube().create(widgets(namespace), widget('a', spec))
        expect(status).toBe(422)
        return causesOf(body)
      }
      expect(await causes({})).toEqual(['spec.size: FieldValueRequired'])
      expect(await causes({ size: 11 })).toEqual(['spec.size: FieldValueInvalid'])
      expect(await causes({ size: 'big' })).toEqual(['spec.size: FieldValueTypeInvalid'])
      expect(await causes({ size: 1, color: 'blue' })).toEqual(['spec.color: FieldValueNotSupported'])
      expect(await causes({ size: 1, code: 'A' })).toEqual(['spec.code: FieldValueInvalid'])
      expect(await causes({ size: 1, code: 'abcdef' })).toEqual(['spec.code: FieldValueTooLong'])
      expect(await causes({ size: 1, parts: [{ name: 'a' }, { name: 'a' }] })).toEqual([
        'spec.parts[1]: FieldValueDuplicate',
      ])
      expect(await causes({ size: 1, tags: ['a', 'a'] })).toEqual(['spec.tags[1]: FieldValueDuplicate'])
    })

    test('an update needs the resource version', async () => {
      const namespace = await kube().namespace()
      const { metadata } = await kube().created(widgets(namespace), widget('a', { size: 3 }))
      const without = await kube().update(`${widgets(namespace)}/a`, widget('a', { size: 4 }))
      expect([without.status, causesOf(without.body)]).toEqual([422, ['metadata.resourceVersion: FieldValueInvalid']])
      const { resourceVersion } = metadata
      const withIt = await kube().update(`${widgets(namespace)}/a`, widget('a', { size: 4 }, { resourceVersion }))
      expect([withIt.status, withIt.body.metadata.generation]).toEqual([200, 2])
    })

    test('status and specification are kept apart, and the status is no new generation', async () => {
      const namespace = await kube().namespace()
      const path = `${widgets(namespace)}/a`
      const created = await kube().created(widgets(namespace), { ...widget('a', { size: 3 }), status: { phase: 'X' } })
      expect(created['status']).toBeUndefined()
      const patch = { metadata: { labels: { a: 'b' } }, spec: { size: 5 }, status: { phase: 'Ready' } }
      const { body } = await kube().patch('merge', `${path}/status`, patch)
      expect(body).toMatchObject({ metadata: { generation: 1 }, spec: { size: 3 }, status: { phase: 'Ready' } })
      expect(body.metadata.labels).toBeUndefined()
      const spec = await kube().patch('merge', path, { spec: { size: 5 }, status: { phase: 'Lost' } })
      expect(spec.body).toMatchObject({ metadata: { generation: 2 }, spec: { size: 5 }, status: { phase: 'Ready' } })
    })

    test('the status is validated too', async () => {
      const namespace = await kube().namespace()
      await kube().created(widgets(namespace), widget('a', { size: 3 }))
      const { status } = await kube().patch('merge', `${widgets(namespace)}/a/status`, {
        status: { since: 'yesterday' },
      })
      expect(status).toBe(422)
    })

    test('a strategic merge patch is refused with 415', async () => {
      const namespace = await kube().namespace()
      await kube().created(widgets(namespace), widget('a', { size: 3 }))
      expect((await kube().patch('strategic', `${widgets(namespace)}/a`, { spec: { size: 4 } })).status).toBe(415)
    })

    test('apply merges a list map by its keys', async () => {
      const namespace = await kube().namespace()
      const path = `${widgets(namespace)}/a`
      await kube().apply(path, widget('a', { size: 1, parts: [{ name: 'x', weight: 1 }] }), 'one')
      const parts = {
        apiVersion: `${group}/v1`,
        kind: 'Widget',
        metadata: { name: 'a' },
        spec: { parts: [{ name: 'y' }] },
      }
      const { status, body } = await kube().apply(path, parts, 'two')
      expect(status).toBe(200)
      expect((body['spec'] as { parts: object[] }).parts).toEqual([{ name: 'x', weight: 1 }, { name: 'y' }])
      expect(body.metadata.managedFields?.find(({ manager }) => manager === 'two')?.fieldsV1).toEqual({
        'f:spec': { 'f:parts': { 'k:{"name":"y"}': { '.': {}, 'f:name': {} } } },
      })
    })

    test('an apply to the status owns nothing of the rest', async () => {
      const namespace = await kube().namespace()
      const path = `${widgets(namespace)}/a`
      await kube().apply(path, widget('a', { size: 1 }), 'me')
      const object = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'a' }, status: { phase: 'Ready' } }
      const { body } = await kube().apply(`${path}/status`, object, 'me')
      expect(body).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' } })
      const entry = body.metadata.managedFields?.find(({ subresource }) => subresource === 'status')
      expect(entry).toMatchObject({ manager: 'me', operation: 'Apply', fieldsV1: { 'f:status': { 'f:phase': {} } } })
    })

    test('a table shows the printer columns of the definition', async () => {
      const namespace = await kube().namespace()
      await kube().created(widgets(namespace), widget('a', { size: 3, parts: [{ name: 'x' }, { name: 'y' }] }))
      const { body } = await kube().get(widgets(namespace), {}, 'application/json;as=Table;v=v1;g=meta.k8s.io')
      const columns = body['columnDefinitions'] as { name: string; type: string; priority: number }[]
      expect(columns.map(({ name, type, priority }) => `${name} ${type} ${priority}`)).toEqual([
        'Name string 0',
        'Size integer 0',
        'Phase string 0',
        'Color string 1',
        'Parts string 0',
      ])
      const rows = body['rows'] as { cells: unknown[]; object: Body }[]
      expect(rows.map(({ cells }) => cells)).toEqual([['a', 3, null, 'red', expect.any(String)]])
    })

    test('the schemas tell of the new kind', async () => {
      const { body } = await kube().get(`/openapi/v3/apis/${group}/v1`)
      const { schemas } = body['components'] as { schemas: Record<string, Record<string, unknown>> }
      const own = Object.values(schemas).find((schema) =>
        (schema['x-kubernetes-group-version-kind'] as { kind: string }[] | undefined)?.some(
          ({ kind }) => kind === 'Widget',
        ),
      )
      expect(own?.['properties']).toHaveProperty('spec.properties.size')
    })
  })

  test('a definition must be named after its plural and its group', async () => {
    const other = definition(`${uniqueName()}.example.com`)
    const { status, body } = await kube().create(CRDS, { ...other, metadata: { name: 'widgets.example.org' } })
    expect(status).toBe(422)
    expect(causesOf(body)).toContain('metadata.name: FieldValueInvalid')
  })

  test('the deletion of a definition takes the kind along', async () => {
    const gone = `${uniqueName()}.example.com`
    await kube().created(CRDS, definition(gone))
    await eventually(() => served(`/apis/${gone}/v1/widgets`), 'the kind is served')
    expect((await kube().delete(`${CRDS}/widgets.${gone}`)).status).toBe(200)
    await eventually(async () => (await kube().get(`/apis/${gone}/v1/widgets`)).status === 404, 'the kind is gone')
  })
}
