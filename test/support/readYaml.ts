const yaml: { safeLoad(text: string): unknown } = require('js-yaml');

/** Reads YAML; what is none fails. */
export function readYaml<Content>(text: string): Content {
  return yaml.safeLoad(text) as Content;
}
