import { Burger, Button, Container, Group, Menu, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, useLocation } from 'wouter';
import { useWords } from '../language/language';
import { useSession } from '../session/session';
import { roleWords, sessionWords } from '../session/words';
import { type Page, pagesFor } from './pages';
import { AppearanceItems, LanguageItems } from './preferences';
import { views } from './views';
import { appWords, pageWords } from './words';

/** The head of every page: where one can go, who has signed in, and how it looks. */
export function Header() {
  const words = useWords(appWords);
  const [isOpen, { toggle, close }] = useDisclosure(false);
  return (
    <header className="header">
      <Container size="xl">
        <Group className="header-line" justify="space-between" wrap="nowrap">
          <Group gap="lg" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={words.menu}
              aria-expanded={isOpen}
            />
            <Link href="/" className="brand" onClick={close}>
              Caretally
            </Link>
            <Group component="nav" aria-label={words.pages} gap={4} wrap="nowrap" visibleFrom="md">
              <PageLinks />
            </Group>
          </Group>
          <Account />
        </Group>
        {isOpen && (
          <Stack component="nav" aria-label={words.pages} gap={4} pb="md" hiddenFrom="md" onClick={close}>
            <PageLinks />
          </Stack>
        )}
      </Container>
    </header>
  );
}

function PageLinks() {
  const names = useWords(pageWords);
  const { signedIn } = useSession();
  return pagesFor(signedIn?.viewer.role ?? '').map((page) => (
    <PageLink key={page.path} page={page} className="page-link">
      {names[page.name]}
    </PageLink>
  ));
}

/** A link to a page, also to the one that is a document of its own. */
export function PageLink({
  page,
  children,
  className,
}: {
  page: Page;
  children: React.ReactNode;
  className: string;
}) {
  const [path] = useLocation();
  const current = path === page.path ? ({ 'aria-current': 'page' } as const) : {};
  if (page.path === '/playground') {
    return (
      <a href={page.path} className={className}>
        {children}
      </a>
    );
  }
  if (!views[page.path]) return null;
  return (
    <Link href={page.path} className={className} {...current}>
      {children}
    </Link>
  );
}

function Account() {
  const words = useWords(sessionWords);
  const roles = useWords(roleWords);
  const app = useWords(appWords);
  const { signedIn, signOut } = useSession();
  const { name, role } = signedIn?.viewer ?? {};
  return (
    <Menu position="bottom-end" width={240} closeOnItemClick={false}>
      <Menu.Target>
        <Button variant="default" maw={220}>
          <Text span inherit truncate>
            {name ?? app.appearance}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {name !== undefined && role !== undefined && (
          <Menu.Label>{words.account(name, roles[role])}</Menu.Label>
        )}
        <AppearanceItems />
        <LanguageItems />
        {signedIn && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={signOut}>{words.signOut}</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
