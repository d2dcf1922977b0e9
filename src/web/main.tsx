import '@mantine/core/styles.css';
import './app/app.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { preloadView } from './app/views';
import { takeTokenFromAddress } from './session/keptTokens';

// Before anything is drawn, so that the address is clean from the first moment on.
takeTokenFromAddress();
preloadView(location.pathname);

const root = document.getElementById('pages');
if (!root) throw new Error('The page has no element #pages');
createRoot(root).render(<App />);
