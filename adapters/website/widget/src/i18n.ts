// Every language gives the same words in this order, parted by "|".
const KEYS =
  'open|close|title|online|away|hello|write|send|attach|queued|sent|seen|failed|retry|remove|offline|lost|edited|removed|typing|left|you|earlier|drop|robot|translated|unread|download|rate|poor|great|score|comment|later|thanks' as const;

type Split<S extends string> = S extends `${infer Head}|${infer Tail}` ? Head | Split<Tail> : S;
export type Word = Split<typeof KEYS>;

const LANGUAGES: Record<string, string> = {
  en: 'Open chat|Close chat|Messages|We are here|We are away and will answer when we are back|Write to us here. You can close this window; the answer will be waiting for you.|Write a message|Send|Attach a file|Waiting to be sent|Sent|Seen|Not sent|Send again|Remove|No connection. Your message will be sent when you are back.|Connecting again…|edited|Message removed|% is writing…|% characters left|You|Show earlier messages|Drop the file here|Assistant|Translated from %|% unread|Download %|How was our help?|Poor|Very good|% of 5|Anything to add? (optional)|Not now|Thank you.',
  de: 'Chat öffnen|Chat schließen|Nachrichten|Wir sind da|Wir sind gerade nicht da und antworten, sobald wir zurück sind|Schreiben Sie uns hier. Sie können das Fenster schließen; die Antwort wartet auf Sie.|Nachricht schreiben|Senden|Datei anhängen|Wartet auf den Versand|Gesendet|Gesehen|Nicht gesendet|Erneut senden|Entfernen|Keine Verbindung. Ihre Nachricht wird gesendet, sobald Sie wieder online sind.|Verbindung wird hergestellt…|bearbeitet|Nachricht entfernt|% schreibt…|Noch % Zeichen|Sie|Frühere Nachrichten zeigen|Datei hier ablegen|Assistent|Übersetzt aus: %|% ungelesen|% herunterladen|Wie war unsere Hilfe?|Schlecht|Sehr gut|% von 5|Möchten Sie etwas ergänzen? (freiwillig)|Jetzt nicht|Vielen Dank.',
  es: 'Abrir el chat|Cerrar el chat|Mensajes|Estamos aquí|No estamos ahora; responderemos a la vuelta|Escríbanos aquí. Puede cerrar esta ventana; la respuesta le estará esperando.|Escriba un mensaje|Enviar|Adjuntar un archivo|Pendiente de envío|Enviado|Visto|No enviado|Enviar de nuevo|Quitar|Sin conexión. Su mensaje se enviará cuando vuelva.|Conectando de nuevo…|editado|Mensaje eliminado|% está escribiendo…|Quedan % caracteres|Usted|Ver mensajes anteriores|Suelte el archivo aquí|Asistente|Traducido de: %|% sin leer|Descargar %|¿Qué tal fue nuestra ayuda?|Mala|Muy buena|% de 5|¿Algo que añadir? (opcional)|Ahora no|Gracias.',
  fr: 'Ouvrir le chat|Fermer le chat|Messages|Nous sommes là|Nous sommes absents et répondrons à notre retour|Écrivez-nous ici. Vous pouvez fermer cette fenêtre ; la réponse vous attendra.|Écrivez un message|Envoyer|Joindre un fichier|En attente d’envoi|Envoyé|Vu|Non envoyé|Renvoyer|Retirer|Pas de connexion. Votre message partira à votre retour.|Reconnexion…|modifié|Message supprimé|% écrit…|% caractères restants|Vous|Messages précédents|Déposez le fichier ici|Assistant|Traduit de : %|% non lus|Télécharger %|Comment avez-vous trouvé notre aide ?|Mauvaise|Très bonne|% sur 5|Un mot à ajouter ? (facultatif)|Pas maintenant|Merci.',
  pt: 'Abrir o chat|Fechar o chat|Mensagens|Estamos aqui|Estamos ausentes e responderemos quando voltarmos|Escreva-nos aqui. Pode fechar esta janela; a resposta ficará à sua espera.|Escreva uma mensagem|Enviar|Anexar um ficheiro|À espera de envio|Enviada|Vista|Não enviada|Enviar de novo|Remover|Sem ligação. A sua mensagem será enviada quando voltar.|A ligar de novo…|editada|Mensagem removida|% está a escrever…|Restam % caracteres|Você|Ver mensagens anteriores|Largue o ficheiro aqui|Assistente|Traduzido de: %|% por ler|Transferir %|Como foi a nossa ajuda?|Má|Muito boa|% de 5|Algo a acrescentar? (opcional)|Agora não|Obrigado.',
  it: 'Apri la chat|Chiudi la chat|Messaggi|Siamo qui|Ora non ci siamo; risponderemo al nostro ritorno|Ci scriva qui. Può chiudere la finestra; la risposta la aspetterà.|Scriva un messaggio|Invia|Allega un file|In attesa di invio|Inviato|Visto|Non inviato|Invia di nuovo|Rimuovi|Nessuna connessione. Il messaggio partirà quando torna online.|Nuova connessione…|modificato|Messaggio rimosso|% sta scrivendo…|% caratteri rimasti|Lei|Messaggi precedenti|Rilasci il file qui|Assistente|Tradotto da: %|% non letti|Scarica %|Com’è stato il nostro aiuto?|Scarso|Ottimo|% su 5|Qualcosa da aggiungere? (facoltativo)|Non ora|Grazie.',
  ar: 'فتح المحادثة|إغلاق المحادثة|الرسائل|نحن هنا|لسنا متاحين الآن وسنجيب عند عودتنا|اكتب إلينا هنا. يمكنك إغلاق هذه النافذة وستجد الرد بانتظارك.|اكتب رسالة|إرسال|إرفاق ملف|بانتظار الإرسال|أُرسلت|شوهدت|لم تُرسل|أعد الإرسال|إزالة|لا يوجد اتصال. ستُرسل رسالتك عند عودة الاتصال.|جارٍ إعادة الاتصال…|معدّلة|حُذفت الرسالة|% يكتب…|بقي % حرفًا|أنت|عرض الرسائل السابقة|أفلت الملف هنا|المساعد|تُرجمت من %|% غير مقروءة|تنزيل %|كيف كانت مساعدتنا؟|سيئة|جيدة جدًا|% من 5|هل تود إضافة شيء؟ (اختياري)|ليس الآن|شكرًا لك.',
  he: 'פתיחת הצ׳אט|סגירת הצ׳אט|הודעות|אנחנו כאן|איננו זמינים כעת ונענה כשנחזור|כתבו לנו כאן. אפשר לסגור את החלון; התשובה תחכה לכם.|כתיבת הודעה|שליחה|צירוף קובץ|ממתינה לשליחה|נשלחה|נראתה|לא נשלחה|שליחה חוזרת|הסרה|אין חיבור. ההודעה תישלח כשהחיבור יחזור.|מתחבר מחדש…|נערכה|ההודעה הוסרה|% כותב/ת…|נותרו % תווים|אתם|הצגת הודעות קודמות|שחררו את הקובץ כאן|עוזר|תורגם מ%|% שלא נקראו|הורדת %|איך הייתה העזרה שלנו?|גרועה|טובה מאוד|% מתוך 5|רוצים להוסיף משהו? (לא חובה)|לא עכשיו|תודה.',
};

/** The words of one language, and what else depends on it. */
export class Words {
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
  private readonly words: Map<string, string>;

  /** The best language for a BCP 47 tag such as "de-AT"; English when there is none. */
  constructor(tag = navigator.language) {
    const language = tag.toLowerCase().split(/[-_]/)[0];
    const chosen = LANGUAGES[language] ? language : 'en';
    this.locale = chosen === language && valid(tag) ? tag : chosen;
    this.direction = /^(ar|he)$/.test(chosen) ? 'rtl' : 'ltr';
    const values = LANGUAGES[chosen].split('|');
    this.words = new Map(KEYS.split('|').map((key, at) => [key, values[at]]));
  }

  say(word: Word, value: string | number = ''): string {
    return this.words.get(word)!.replace('%', String(value));
  }

  time(at: string): string {
    return new Date(at).toLocaleTimeString(this.locale, { hour: 'numeric', minute: '2-digit' });
  }

  day(at: string): string {
    return new Date(at).toLocaleDateString(this.locale, { weekday: 'long', day: 'numeric', month: 'long' });
  }

  language(code: string): string {
    try {
      return new Intl.DisplayNames(this.locale, { type: 'language' }).of(code) ?? code;
    } catch {
      return code;
    }
  }
}

function valid(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}
