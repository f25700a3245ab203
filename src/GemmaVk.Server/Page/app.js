// The page of gemmavk serve. Rooms: chat, dictate. Panels beside them: settings, tools, look inside. This file joins them.

import { icon } from './page/dom.js';
import { notify } from './page/announce.js';
import { listenForKeys, showKeys } from './page/keys.js';
import { SettingsPanel } from './page/sampling.js';
import { change, settings, settingsEvents } from './page/settings.js';
import { text, translate } from './page/texts.js';
import { modelName } from './wire/model.js';
import { Chat } from './chat/chat.js';
import { Composer } from './chat/composer.js';
import { Sidebar } from './chat/sidebar.js';
import { Thread, welcome } from './chat/thread.js';
import { DictateView } from './dictate/view.js';
import { InsidePanel } from './inside/panel.js';
import { ToolsPanel } from './tools/panel.js';

const byId = (id) => document.getElementById(id);
const narrow = matchMedia('(max-width: 860px)');
const PANELS = { settings: 'settings', tools: 'tools', inside: 'lookInside' };
let panel = null;

addEventListener('unhandledrejection', (event) => notify(event.reason?.message ?? String(event.reason), 'error'));
for (const [id, name] of [['menu', 'menu'], ['keys', 'keyboard'], ['settings-button', 'settings'], ['tools-button', 'tools'], ['inside-button', 'figures'], ['attach', 'attach'], ['microphone', 'microphone'], ['panel-close', 'close']]) {
  byId(id).replaceChildren(icon(name));
}

byId('think').prepend(icon('think'));
showTheme();
translate();

const chat = new Chat();
const inside = new InsidePanel(chat, byId('panel-inside'));
new SettingsPanel(chat, byId('panel-settings'));
new ToolsPanel(chat, byId('panel-tools'));
const composer = new Composer(chat);
new Thread(chat, {
  lookInside: (message) => {
    showPanel('inside');
    inside.look(message);
  },
});
const sidebar = new Sidebar(chat, () => {
  showRoom('chat');
  if (narrow.matches) {
    showSidebar(false);
  }

  composer.focus();
});
new DictateView();
welcome({ say: (words) => composer.suggest(words), attach: () => composer.pick(), dictate: () => showRoom('dictate'), tools: () => showPanel('tools') });

byId('menu').addEventListener('click', () => showSidebar(!sidebarShown()));
byId('veil').addEventListener('click', () => {
  showSidebar(false);
  showPanel(null);
});
byId('room-chat').addEventListener('click', () => showRoom('chat'));
byId('room-dictate').addEventListener('click', () => showRoom('dictate'));
byId('keys').addEventListener('click', showKeys);
byId('panel-close').addEventListener('click', () => {
  const opener = byId(`${panel}-button`);
  showPanel(null);
  opener.focus();
});
for (const name of Object.keys(PANELS)) {
  byId(`${name}-button`).addEventListener('click', () => showPanel(panel === name ? null : name));
}

settingsEvents.addEventListener('change', ({ detail }) => {
  showTheme();
  // Texts are written when a view is made, so another language makes them all anew.
  if (detail.includes('language')) {
    location.reload();
  }
});
listenForKeys({
  fresh: () => byId('new').click(),
  rename: () => sidebar.rename(),
  remove: () => sidebar.remove(),
  search: () => {
    showSidebar(true);
    sidebar.search();
  },
  sidebar: () => showSidebar(!sidebarShown()),
  settings: () => showPanel(panel === 'settings' ? null : 'settings'),
  inside: () => showPanel(panel === 'inside' ? null : 'inside'),
  help: showKeys,
  stop: () => {
    if (chat.writing !== null) {
      chat.stop();
    } else if (narrow.matches && (panel !== null || sidebarShown())) {
      showSidebar(false);
      showPanel(null);
    } else {
      return false;
    }
  },
});

showSidebar(settings.sidebar && !narrow.matches, false);
showPanel(narrow.matches ? null : settings.panel, false);
narrow.addEventListener('change', () => {
  showSidebar(settings.sidebar && !narrow.matches, false);
  showPanel(narrow.matches ? null : panel, false);
});
modelName().then((name) => {
  byId('model').textContent = name;
}, (error) => notify(error.message, 'error'));

function showTheme() {
  document.documentElement.dataset.theme = settings.theme;
}

function sidebarShown() {
  return !byId('sidebar').hidden;
}

function showSidebar(shown, keep = true) {
  byId('sidebar').hidden = !shown;
  byId('menu').setAttribute('aria-expanded', shown);
  if (keep && !narrow.matches) {
    change({ sidebar: shown });
  }

  if (shown && narrow.matches) {
    showPanel(null);
    byId('new').focus();
  }

  showVeil();
}

function showPanel(name, keep = true) {
  panel = name;
  byId('panel').hidden = name === null;
  for (const [each, title] of Object.entries(PANELS)) {
    byId(`panel-${each}`).hidden = each !== name;
    byId(`${each}-button`).setAttribute('aria-expanded', each === name);
    if (each === name) {
      byId('panel-title').textContent = text(title);
    }
  }

  inside.seen(name === 'inside');
  if (keep && !narrow.matches) {
    change({ panel: name });
  }

  if (name !== null && narrow.matches) {
    byId('sidebar').hidden = true;
    byId('panel-title').focus();
  }

  showVeil();
}

function showVeil() {
  const covered = narrow.matches && (sidebarShown() || panel !== null);
  byId('veil').hidden = !covered;
  // What a drawer covers is out of reach of keys and readers of screens too.
  byId('middle').inert = covered;
}

function showRoom(name) {
  for (const each of ['chat', 'dictate']) {
    byId(each).hidden = each !== name;
    byId(`room-${each}`).toggleAttribute('aria-current', each === name);
    if (each === name) {
      byId(`room-${each}`).setAttribute('aria-current', 'page');
    }
  }
}
