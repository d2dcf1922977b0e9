import './platform/production';
import { readConfig } from './platform/config';
import { runToEnd } from './platform/server/runToEnd';
import { serve } from './platform/server/serve';
import { subsystems } from './subsystems';

runToEnd(() => serve(subsystems, readConfig()));
