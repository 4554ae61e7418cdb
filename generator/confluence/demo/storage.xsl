<?xml version="1.0"?>
<!-- Storage format as HTML, for the browser view of the demo server. HTML elements are on the list of storage.py. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:ac="http://atlassian.com/content"
  xmlns:ri="http://atlassian.com/resource/identifier" xmlns:demo="urn:demo" exclude-result-prefixes="ac ri demo">
  <xsl:output method="html" indent="no"/>
  <xsl:key name="anchor" match="h1|h2|h3|h4|h5|h6" use="translate(normalize-space(.), ' ', '-')"/>
  <xsl:key name="anchor" match="ac:structured-macro[@ac:name='anchor']" use="string(ac:parameter)"/>
  <xsl:template match="/r"><div class="body"><xsl:apply-templates/></div></xsl:template>
  <xsl:template match="ac:*|ri:*"><xsl:apply-templates/></xsl:template>
  <xsl:template match="ac:placeholder"/>

  <xsl:template match="*">
    <xsl:element name="{local-name()}">
      <xsl:copy-of select="@title|@colspan|@rowspan|@start"/>
      <xsl:variable name="align" select="substring-before(concat(substring-after(@style, 'text-align: '), ';'), ';')"/>
      <xsl:if test="$align = 'left' or $align = 'center' or $align = 'right'">
        <xsl:attribute name="style">text-align: <xsl:value-of select="$align"/></xsl:attribute>
      </xsl:if>
      <xsl:if test="self::h1|self::h2|self::h3|self::h4|self::h5|self::h6">
        <xsl:attribute name="id"><xsl:value-of select="translate(normalize-space(.), ' ', '-')"/></xsl:attribute>
      </xsl:if>
      <xsl:apply-templates/>
    </xsl:element>
  </xsl:template>

  <xsl:template name="link">
    <xsl:param name="href"/>
    <xsl:param name="text"/>
    <xsl:param name="class"/>
    <xsl:choose>
      <xsl:when test="$href = ''"><span class="broken" title="broken link"><xsl:copy-of select="$text"/></span></xsl:when>
      <xsl:otherwise><a href="{$href}"><xsl:if test="$class != ''"><xsl:attribute name="class"><xsl:value-of select="$class"/></xsl:attribute></xsl:if><xsl:copy-of select="$text"/></a></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="a">
    <xsl:call-template name="link">
      <xsl:with-param name="href">
        <xsl:choose>
          <xsl:when test="starts-with(@href, '#')"><xsl:if test="key('anchor', substring(@href, 2))"><xsl:value-of select="@href"/></xsl:if></xsl:when>
          <xsl:when test="starts-with(@href, 'https://') or starts-with(@href, 'http://') or starts-with(@href, 'mailto:') or starts-with(@href, '/')"><xsl:value-of select="@href"/></xsl:when>
        </xsl:choose>
      </xsl:with-param>
      <xsl:with-param name="text"><xsl:apply-templates/></xsl:with-param>
    </xsl:call-template>
  </xsl:template>
  <xsl:template match="ac:link">
    <xsl:variable name="target" select="ri:*[1]"/>
    <xsl:variable name="page"><xsl:apply-templates select="$target" mode="href"/></xsl:variable>
    <xsl:variable name="label"><xsl:choose>
      <xsl:when test="ac:link-body|ac:plain-text-link-body"><xsl:apply-templates select="ac:link-body|ac:plain-text-link-body"/></xsl:when>
      <xsl:when test="$target"><xsl:apply-templates select="$target" mode="label"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="@ac:anchor"/></xsl:otherwise>
    </xsl:choose></xsl:variable>
    <xsl:call-template name="link">
      <xsl:with-param name="href"><xsl:value-of select="$page"/><xsl:if test="@ac:anchor and ($page != '' or not($target) and key('anchor', @ac:anchor))">#<xsl:value-of select="@ac:anchor"/></xsl:if></xsl:with-param>
      <xsl:with-param name="text" select="$label"/>
      <xsl:with-param name="class"><xsl:if test="ri:user">mention</xsl:if></xsl:with-param>
    </xsl:call-template>
  </xsl:template>
  <xsl:template match="ri:page" mode="href"><xsl:value-of select="demo:link_page(string(@ri:content-title), string(@ri:space-key))"/></xsl:template>
  <xsl:template match="ri:content-entity" mode="href"><xsl:value-of select="demo:link_entity(string(@ri:content-id))"/></xsl:template>
  <xsl:template match="ri:attachment" mode="href"><xsl:value-of select="demo:link_file(string(@ri:filename), string(ri:page/@ri:content-title))"/></xsl:template>
  <xsl:template match="ri:user" mode="href"><xsl:if test="demo:name_person(string(@ri:account-id|@ri:userkey)) != ''">#</xsl:if></xsl:template>
  <xsl:template match="ri:url" mode="href"><xsl:if test="starts-with(@ri:value, 'https://') or starts-with(@ri:value, 'http://')"><xsl:value-of select="@ri:value"/></xsl:if></xsl:template>
  <xsl:template match="ri:*" mode="href"/>
  <xsl:template match="ri:user" mode="label">@<xsl:value-of select="demo:name_person(string(@ri:account-id|@ri:userkey))"/></xsl:template>
  <xsl:template match="ri:*" mode="label"><xsl:value-of select="@ri:content-title|@ri:filename|@ri:value|@ri:content-id|@ri:space-key"/></xsl:template>

  <xsl:template match="ac:image">
    <xsl:variable name="href"><xsl:apply-templates select="ri:*" mode="href"/></xsl:variable>
    <xsl:variable name="alt"><xsl:value-of select="@ac:alt"/><xsl:if test="not(@ac:alt)"><xsl:apply-templates select="ri:*" mode="label"/></xsl:if></xsl:variable>
    <xsl:choose>
      <xsl:when test="ri:url or $href = ''"><xsl:call-template name="link"><xsl:with-param name="href" select="$href"/><xsl:with-param name="text" select="$alt"/></xsl:call-template></xsl:when>
      <xsl:otherwise><figure><img src="{$href}" alt="{$alt}"><xsl:if test="number(@ac:width) = @ac:width"><xsl:attribute name="width"><xsl:value-of select="@ac:width"/></xsl:attribute></xsl:if></img><xsl:if test="ac:caption"><figcaption><xsl:apply-templates select="ac:caption"/></figcaption></xsl:if></figure></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="ac:task-list"><ul class="tasks"><xsl:for-each select="ac:task"><li><input type="checkbox" disabled="disabled"><xsl:if test="ac:task-status = 'complete'"><xsl:attribute name="checked">checked</xsl:attribute></xsl:if></input> <xsl:apply-templates select="ac:task-body"/></li></xsl:for-each></ul></xsl:template>
  <xsl:template match="ac:layout-section"><div class="layout"><xsl:for-each select="ac:layout-cell"><div><xsl:apply-templates/></div></xsl:for-each></div></xsl:template>
  <xsl:template match="ac:emoticon"><xsl:value-of select="@ac:emoji-fallback"/><xsl:if test="not(@ac:emoji-fallback)">(<xsl:value-of select="@ac:name"/>)</xsl:if></xsl:template>
  <xsl:template match="ac:inline-comment-marker"><mark title="an inline comment"><xsl:apply-templates/></mark></xsl:template>

  <xsl:template match="ac:structured-macro"><div class="macro"><p class="panel-title">macro <xsl:value-of select="@ac:name"/></p><xsl:apply-templates select="ac:rich-text-body"/><xsl:if test="ac:plain-text-body"><pre><xsl:value-of select="ac:plain-text-body"/></pre></xsl:if></div></xsl:template>
  <xsl:template match="ac:structured-macro[contains('|info|note|tip|warning|panel|', concat('|', @ac:name, '|'))]"><div class="panel {@ac:name}"><xsl:if test="ac:parameter[@ac:name='title']"><p class="panel-title"><xsl:value-of select="ac:parameter[@ac:name='title']"/></p></xsl:if><xsl:apply-templates select="ac:rich-text-body"/></div></xsl:template>
  <xsl:template match="ac:structured-macro[@ac:name='expand']"><details><summary><xsl:value-of select="ac:parameter[@ac:name='title']"/><xsl:if test="not(ac:parameter[@ac:name='title'])">Click here to expand...</xsl:if></summary><xsl:apply-templates select="ac:rich-text-body"/></details></xsl:template>
  <xsl:template match="ac:structured-macro[@ac:name='code' or @ac:name='noformat']"><div class="code"><xsl:if test="ac:parameter[@ac:name='title']"><p class="code-title"><xsl:value-of select="ac:parameter[@ac:name='title']"/></p></xsl:if><pre><code><xsl:value-of select="ac:plain-text-body"/></code></pre></div></xsl:template>
  <xsl:template match="ac:structured-macro[@ac:name='excerpt' or @ac:name='details']"><xsl:if test="not(ac:parameter[@ac:name='hidden'] = 'true')"><div class="{@ac:name}"><xsl:apply-templates select="ac:rich-text-body"/></div></xsl:if></xsl:template>
  <xsl:template match="ac:structured-macro[@ac:name='status']"><span class="status {translate(ac:parameter[@ac:name='colour'], 'BGPRY', 'bgpry')}"><xsl:value-of select="ac:parameter[@ac:name='title']"/></span></xsl:template>
  <xsl:template match="ac:structured-macro[@ac:name='anchor']"><span id="{ac:parameter}"/></xsl:template>
  <xsl:template match="ac:structured-macro[@ac:name='toc'][ac:parameter[@ac:name='type'] = 'flat']"><p class="contents"><xsl:for-each select="//h1|//h2"><a href="#{translate(normalize-space(.), ' ', '-')}"><xsl:value-of select="."/></a><xsl:if test="position() != last()"> | </xsl:if></xsl:for-each></p></xsl:template>
  <xsl:template match="ac:structured-macro[@ac:name='toc'][not(ac:parameter[@ac:name='type'] = 'flat')]"><ul class="contents"><xsl:for-each select="//h1|//h2|//h3|//h4"><li class="depth{substring(local-name(), 2)}"><a href="#{translate(normalize-space(.), ' ', '-')}"><xsl:value-of select="."/></a></li></xsl:for-each></ul></xsl:template>
  <xsl:template match="ac:structured-macro[@ac:name='children']"><xsl:copy-of select="demo:list_children()"/></xsl:template>
</xsl:stylesheet>
