interface OneOfProps {
  texts: readonly string[];
  shown: number;
}

/** One of texts that stand for each other. All take their place, so that nothing moves when one becomes another. */
export function OneOf({ texts, shown }: OneOfProps) {
  return (
    <span className="one-of">
      {texts.map((text, index) => (
        <span key={text} hidden={index !== shown}>
          {text}
        </span>
      ))}
    </span>
  );
}
