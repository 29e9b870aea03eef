import { systemClock } from '../../src/clock.ts'
import { createHttpTransport } from '../../src/kube/http-transport.ts'
import { VirtualClock } from '../../src/sim/clock.ts'
import { serveKubernetes } from '../../src/sim/kube/http.ts'
import { SimulatedKubernetes } from '../../src/sim/kube/server.ts'
import { seededRandom } from '../../src/sim/random.ts'
import { kubernetesContract } from './kubernetes.ts'

// The clock stands still in both: nothing in the server may need time.
const simulated = () => new SimulatedKubernetes({ clock: new VirtualClock(), random: seededRandom(1) })

kubernetesContract('the simulated Kubernetes in process', () =>
  Promise.resolve({ transport: simulated().transport, close: () => Promise.resolve() }),
)

kubernetesContract('the simulated Kubernetes over HTTP', async () => {
  const server = await serveKubernetes({ kube: simulated() })
  const credentials = () => Promise.resolve({ headers: {}, tls: {} })
  const transport = createHttpTransport({ server: server.url, credentials, clock: systemClock })
  return {
    transport,
    close: async () => {
      await transport.close()
      await server.close()
    },
  }
})
