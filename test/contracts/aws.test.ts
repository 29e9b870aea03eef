import { awsContract } from './aws.ts'
import { inProcess, overHttp } from './aws-harness.ts'

awsContract('the simulated AWS in process', inProcess)
awsContract('the simulated AWS over HTTP', overHttp)
