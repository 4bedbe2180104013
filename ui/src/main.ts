import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/controls.css';
import './styles/overview.css';
import './styles/requests.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { chooseTransport } from './api/transport.ts';

mount(App, { target: document.querySelector('#app')!, props: { transport: chooseTransport() } });
