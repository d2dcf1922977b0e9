import { useWords } from '../language/language';
import { PageTabs } from '../ui/pageTabs';
import { OwedTab } from './owedTab';
import { PastTab } from './pastTab';
import { payoutsWords } from './words';

/** For accountants: what is owed, to be paid, and what has been paid. */
export default function PayoutsPage() {
  const words = useWords(payoutsWords);
  return (
    <PageTabs
      label={words.tabs}
      tabs={[
        { name: 'owed', title: words.owed, content: <OwedTab /> },
        { name: 'past', title: words.past, content: <PastTab /> },
      ]}
    />
  );
}
