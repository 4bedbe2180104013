import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/controls.css';
import './styles/overview.css';
import './styles/requests.css';
import './styles/providers.css';
import './styles/settings.css';
import './styles/editing.css';
import './styles/tools.css';
import './styles/frames.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { chooseTransport } from './api/transport.ts';
import { chosenTheme, show } from './state/theme.ts';

show(chosenTheme());

mount(App, { target: document.querySelector('#app')!, props: { transport: chooseTransport() } });
