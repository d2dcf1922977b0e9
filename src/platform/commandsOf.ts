import type { Config } from './config';
import type { Calendar } from './values/months';

/** What commands go by, beside what they are given. */
export interface CommandSettings {
  readonly config: Readonly<Config>;
  readonly calendar: Calendar;
}

/**
 * Commands that go by the settings of a service: made when they are first asked for, and then the same for the same service,
 * for the write queue runs together what was handed to the same command.
 */
export function commandsOf<Commands extends object>(
  create: (settings: CommandSettings) => Commands,
): (settings: CommandSettings) => Commands {
  const made = new WeakMap<object, Commands>();
  return (settings) => {
    let commands = made.get(settings.config);
    if (!commands) {
      commands = create(settings);
      made.set(settings.config, commands);
    }
    return commands;
  };
}
