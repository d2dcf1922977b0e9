import { useWords } from '../language/language';
import { PageTabs } from '../ui/pageTabs';
import { CaregiversTab } from './caregiversTab';
import { EventTypesTab } from './eventTypesTab';
import { TokensTab } from './tokensTab';
import { UnitsTab } from './unitsTab';
import { adminWords } from './words';

/** For administrators: who there is, what events are worth, and who may sign in. */
export default function AdminPage() {
  const words = useWords(adminWords);
  return (
    <PageTabs
      label={words.tabs}
      tabs={[
        { name: 'caregivers', title: words.caregivers, content: <CaregiversTab /> },
        { name: 'units', title: words.units, content: <UnitsTab /> },
        { name: 'eventTypes', title: words.eventTypes, content: <EventTypesTab /> },
        { name: 'tokens', title: words.tokens, content: <TokensTab /> },
      ]}
    />
  );
}
