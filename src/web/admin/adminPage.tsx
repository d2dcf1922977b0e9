import { useWords } from '../language/language';
import { PageTabs } from '../ui/pageTabs';
import { AuditTab } from './auditTab';
import { CaregiversTab } from './caregiversTab';
import { EventTypesTab } from './eventTypesTab';
import { TokensTab } from './tokensTab';
import { UnitsTab } from './unitsTab';
import { adminWords } from './words';

/** For administrators: who there is, what events are worth, who may sign in, and who has done what. */
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
        { name: 'audit', title: words.auditLog, content: <AuditTab /> },
      ]}
    />
  );
}
