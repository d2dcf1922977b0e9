import './production';
import { readConfig } from './config';
import { runToEnd } from './server/runToEnd';
import { serve } from './server/serve';

runToEnd(() => serve(readConfig()));
