/** Hands a file to the browser, which keeps it where it keeps downloads. */
export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download holds the content by then; some browsers begin it only after this task.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
