// The panel of tools: functions the model may call, who answers them, and the shape an answer must have.

import { element, field, iconButton } from '../page/dom.js';
import { change, settings } from '../page/settings.js';
import { text } from '../page/texts.js';
import { load, served, stand } from './served.js';
import { EXAMPLES, SCHEMAS, problemOf, problemOfFunction } from './schemas.js';

export class ToolsPanel {
  #chat;
  #node;
  #editing = null;
  #servedNode = element('div');

  constructor(chat, node) {
    this.#chat = chat;
    this.#node = node;
    chat.addEventListener('open', () => {
      this.draw();
      this.#list();
    });
    chat.addEventListener('list', () => this.#drawServed());
    this.draw();
    this.#list();
  }

  draw() {
    this.#node.replaceChildren(
      element('h3', {}, text('functions')), element('p.hint', {}, text('functionsHint')),
      element('ul.functions', {}, settings.functions.map((one) => this.#row(one))),
      this.#editing === null ? this.#adding() : this.#editor(this.#editing),
      this.#servedNode, this.#choice() ?? '', element('h3', {}, text('structured')), element('p.hint', {}, text('structuredHint')), this.#schema());
  }

  #row(one) {
    const box = element('input', { type: 'checkbox', id: `function-${one.name}`, checked: one.on });
    box.addEventListener('change', () => {
      one.on = box.checked;
      this.#keep(settings.functions);
    });
    return element('li', {}, box, element('label', { for: box.id }, element('code', {}, one.name), element('span.hint', {}, text(one.script.trim() ? 'byScript' : 'byHand'))),
      iconButton('edit', text('editFunction', one.name), () => this.#edit(one)),
      iconButton('trash', text('removeOf', one.name), () => this.#keep(settings.functions.filter((other) => other !== one))));
  }

  #adding() {
    const blank = { name: '', description: '', parameters: '{\n  "type": "object",\n  "properties": {},\n  "required": []\n}', script: '', on: true };
    return element('div.buttons.left', {},
      element('button.plain', { type: 'button', onclick: () => this.#edit(blank) }, text('addFunction')),
      EXAMPLES.filter((example) => !settings.functions.some((one) => one.name === example.name)).map((example) =>
        element('button.pill', { type: 'button', onclick: () => this.#edit({ ...example, parameters: JSON.stringify(example.parameters, null, 2), on: true }) }, example.name)));
  }

  #edit(one) {
    this.#editing = one;
    this.draw();
    document.getElementById('function-name').focus();
  }

  #editor(one) {
    const name = element('input', { id: 'function-name', value: one.name, spellcheck: 'false', autocomplete: 'off' });
    const description = element('input', { id: 'function-description', value: one.description });
    const parameters = element('textarea.mono', { id: 'function-parameters', rows: '8', spellcheck: 'false' });
    const script = element('textarea.mono', { id: 'function-script', rows: '4', spellcheck: 'false', placeholder: 'return { … };' });
    const problem = element('p.problem', { role: 'alert' });
    parameters.value = one.parameters;
    script.value = one.script;
    const leave = () => {
      this.#editing = null;
      this.draw();
    };
    return element('form.card', {
      onsubmit: (event) => {
        event.preventDefault();
        const written = { name: name.value.trim(), description: description.value.trim(), parameters: parameters.value, script: script.value, on: one.on };
        const others = settings.functions.filter((other) => other !== one);
        problem.textContent = problemOfFunction(written, others) ?? '';
        if (problem.textContent === '') {
          this.#editing = null;
          this.#keep([...others, written]);
        }
      },
    }, field(text('name'), name), field(text('description'), description), field(text('parameters'), parameters), field(text('script'), script, text('scriptHint')), problem,
    element('div.buttons', {}, element('button.plain', { type: 'button', onclick: leave }, text('cancel')), element('button.primary', { type: 'submit' }, text('save'))));
  }

  async #list() {
    await load();
    this.#drawServed();
  }

  #drawServed() {
    this.#servedNode.replaceChildren(...served().length === 0 ? [] : [element('h3', {}, text('served')), element('p.hint', {}, text('servedHint')), element('ul.functions', {}, served().map((tool) => {
      const select = element('select', {
        'aria-label': text('mayCall', tool.name),
        onchange: async () => {
          await stand(tool, select.value);
          this.#drawServed();
        },
      }, [['ask', text('askFirst')], ['always', text('always')], ['never', text('never')]].map(([value, label]) => element('option', { value, selected: value === tool.standing }, label)));
      return element('li', { title: tool.description }, element('span', {}, element('code', {}, tool.name), element('span.hint', {}, tool.origin)), select);
    }))]);
  }

  #choice() {
    const on = [...settings.functions.filter((one) => one.on), ...served().filter((one) => one.standing !== 'never')];
    if (on.length === 0) {
      return null;
    }

    const { choice } = this.#chat.conversation;
    const select = element('select', { onchange: () => this.#chat.change({ choice: select.value }) },
      [['auto', text('choiceAuto')], ['none', text('choiceNone')], ['required', text('choiceRequired')], ...on.map((one) => [one.name, text('choiceOne', one.name)])]
        .map(([value, label]) => element('option', { value, selected: value === choice }, label)));
    return field(text('choice'), select);
  }

  #schema() {
    const { schema } = this.#chat.conversation;
    const box = element('input', { type: 'checkbox', id: 'schema-on', checked: schema?.on ?? false });
    const area = element('textarea.mono', { id: 'schema', rows: '10', spellcheck: 'false', 'aria-label': text('schema') });
    const problem = element('p.problem', { role: 'alert' });
    area.value = schema?.text ?? JSON.stringify(SCHEMAS.schemaPerson, null, 2);
    const keep = () => {
      problem.textContent = problemOf(area.value) ?? '';
      box.checked &&= problem.textContent === '';
      this.#chat.change({ schema: { on: box.checked, text: area.value } });
    };
    box.addEventListener('change', keep);
    area.addEventListener('input', keep);
    const examples = Object.entries(SCHEMAS).map(([name, example]) => element('button.pill', {
      type: 'button',
      onclick: () => {
        area.value = JSON.stringify(example, null, 2);
        keep();
      },
    }, text(name)));
    return element('div', {}, element('div.check', {}, box, element('label', { for: 'schema-on' }, text('schemaOn'))), area, problem, element('div.buttons.left', {}, examples));
  }

  #keep(functions) {
    change({ functions });
    if (!functions.some((one) => one.on && one.name === this.#chat.conversation.choice) && !['auto', 'none', 'required'].includes(this.#chat.conversation.choice)) {
      this.#chat.change({ choice: 'auto' });
    }

    this.draw();
  }
}
